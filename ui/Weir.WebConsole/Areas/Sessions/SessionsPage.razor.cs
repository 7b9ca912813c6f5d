using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Sessions;

/// <summary>Sessions, newest first. Filters stand in the address, so that a list can be sent to somebody.</summary>
public sealed partial class SessionsPage
{
    private readonly PagedList<SessionView> _sessions;
    private string _principal = "";
    private string _connection = "";
    private string _state = "";

    public SessionsPage() => _sessions = new((after, limit, token) =>
        Mediator.SendAsync(new ListSessions.Query(OrNull(Principal), OrNull(Connection), State switch { "live" => true, "over" => false, _ => null }, after, limit), token));

    [SupplyParameterFromQuery(Name = "principal")]
    public string? Principal { get; set; }

    [SupplyParameterFromQuery(Name = "connection")]
    public string? Connection { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    public string? State { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    protected override object LoadKey => (Principal, Connection, State);

    private bool HasFilter => OrNull(Principal) is not null || OrNull(Connection) is not null || OrNull(State) is not null;

    protected override Task OnParametersSetAsync()
    {
        (_principal, _connection, _state) = (Principal ?? "", Connection ?? "", State ?? "");
        return base.OnParametersSetAsync();
    }

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Sessions;

    protected override Task LoadAsync(CancellationToken cancellationToken) => _sessions.LoadAsync(cancellationToken);

    private void Filter()
    {
        _sessions.Clear();
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters("/sessions", new Dictionary<string, object?>
        {
            ["principal"] = OrNull(_principal),
            ["connection"] = OrNull(_connection),
            ["state"] = OrNull(_state),
        }));
    }

    private static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
