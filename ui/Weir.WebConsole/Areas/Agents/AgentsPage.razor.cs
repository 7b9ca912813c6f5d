using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Areas.Agents;

/// <summary>The data plane as it stands.</summary>
public sealed partial class AgentsPage
{
    private IReadOnlyList<AgentView> _agents = [];
    private bool _isEnrolling;

    /// <summary>The newest version that any agent has: whoever has less is behind.</summary>
    private long LatestPolicy => _agents.Max(a => a.SnapshotVersion);

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Agents or ConsoleSubject.Policies;

    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _agents = (await Mediator.SendAsync(new ListAgents.Query(), cancellationToken)).Items;

    private Task RemoveAsync(AgentView agent) => ActAsync(token => Mediator.SendAsync(new RemoveAgent.Command(agent.Id), token));
}
