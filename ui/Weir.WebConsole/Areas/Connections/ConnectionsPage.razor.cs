using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Areas.Connections;

/// <summary>The first page: what one may use, and how to get in.</summary>
public sealed partial class ConnectionsPage
{
    private IReadOnlyList<ListConnections.Connection> _connections = [];
    private ListConnections.Connection? _connecting;
    private ListConnections.Connection? _asking;

    protected override bool Concerns(ConsoleChange change) =>
        change.Subject is ConsoleSubject.Policies or ConsoleSubject.Agents or ConsoleSubject.AccessRequests or ConsoleSubject.Credentials;

    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _connections = (await Mediator.SendAsync(new ListConnections.Query(), cancellationToken)).Items;
}
