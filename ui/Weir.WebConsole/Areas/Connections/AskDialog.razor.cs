using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Documents;

namespace Weir.WebConsole.Areas.Connections;

/// <summary>Asks for a time-bound right to a connection.</summary>
public sealed partial class AskDialog
{
    private static readonly string[] AllLevels = ["read", "write", "admin"];

    private static readonly TimeSpan[] UsualLengths =
        [TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromDays(1), TimeSpan.FromDays(7)];

    private string _access = "";
    private int _minutes;
    private string _reason = "";
    private AccessRequestView? _asked;

    [Parameter, EditorRequired]
    public ListConnections.Connection Connection { get; set; } = null!;

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    private ListConnections.RequestTerms Terms => Connection.Request!;

    // The rule that gives most is shown; a smaller level may be asked for as well.
    private IEnumerable<string> Levels => AllLevels.Take(Array.IndexOf(AllLevels, Terms.Access) + 1);

    private IEnumerable<TimeSpan> Lengths => UsualLengths.Where(l => l < Terms.MaxDuration).Append(Terms.MaxDuration);

    protected override void OnInitialized()
    {
        base.OnInitialized();
        _access = Levels.FirstOrDefault() ?? "";
        _minutes = (int)Lengths.LastOrDefault(l => l <= TimeSpan.FromHours(1), Terms.MaxDuration).TotalMinutes;
    }

    protected override Task LoadAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task AskAsync() => ActAsync(
        async token => _asked = await Mediator.SendAsync(
            new CreateAccessRequest.Command(Connection.Name, _access.Length == 0 ? null : _access, TimeSpan.FromMinutes(_minutes), _reason), token),
        reload: false);
}
