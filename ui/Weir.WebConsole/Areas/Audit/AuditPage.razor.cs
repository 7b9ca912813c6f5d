using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Audit;

/// <summary>Audit events, newest first.</summary>
public sealed partial class AuditPage
{
    private static readonly string[] Actions =
        ["access_request.", "agent.", "audit.", "credential.", "document.", "enrollment_token.", "grant.", "principal.", "review.", "session.", "settings.", "token.", "webhook."];

    private readonly PagedList<AuditEventView> _events;
    private string _actor = "";
    private string _action = "";
    private VerifyAudit.Response? _verified;
    private bool _isVerifying;

    public AuditPage() => _events = new((after, limit, token) => Mediator.SendAsync(new ListAuditEvents.Query(OrNull(Actor), OrNull(Action), after, limit), token));

    [SupplyParameterFromQuery(Name = "actor")]
    public string? Actor { get; set; }

    [SupplyParameterFromQuery(Name = "action")]
    public string? Action { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    protected override object LoadKey => (Actor, Action);

    private bool HasFilter => OrNull(Actor) is not null || OrNull(Action) is not null;

    protected override Task OnParametersSetAsync()
    {
        (_actor, _action) = (Actor ?? "", Action ?? "");
        return base.OnParametersSetAsync();
    }

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Audit;

    protected override Task LoadAsync(CancellationToken cancellationToken) => _events.LoadAsync(cancellationToken);

    private void Filter()
    {
        _events.Clear();
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(
            "/audit", new Dictionary<string, object?> { ["actor"] = OrNull(_actor), ["action"] = OrNull(_action) }));
    }

    private async Task VerifyAsync()
    {
        _isVerifying = true;
        _verified = null;
        await ActAsync(async token => _verified = await Mediator.SendAsync(new VerifyAudit.Command(), token));
        _isVerifying = false;
    }

    private static string? LinkOf(AuditEventView e) => e switch
    {
        { TargetKind: "session" } when Guid.TryParse(e.TargetId, out _) => $"/sessions/{e.TargetId}",
        { TargetKind: "review" } when Guid.TryParse(e.TargetId, out _) => $"/reviews/{e.TargetId}",
        { Action: "document.apply" } => $"/policies/{Uri.EscapeDataString(e.TargetKind)}/{Uri.EscapeDataString(e.TargetId)}",
        _ => null,
    };

    private static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
