using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Requests;

/// <summary>Requests of one's own and those one may decide, and the grants that came of them.</summary>
public sealed partial class RequestsPage
{
    private readonly PagedList<AccessRequestView> _requests;
    private readonly PagedList<GrantView> _grants;
    private bool _all;

    public RequestsPage()
    {
        _requests = new((after, limit, token) => Mediator.SendAsync(new ListAccessRequests.Query(_all, after, limit), token));
        _grants = new((after, limit, token) => Mediator.SendAsync(new ListGrants.Query(_all, after, limit), token));
    }

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.AccessRequests or ConsoleSubject.Credentials;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _requests.LoadAsync(cancellationToken);
        await _grants.LoadAsync(cancellationToken);
    }

    private static string Pressed(bool pressed) => pressed ? "true" : "false";

    private Task ShowAsync(bool all)
    {
        _all = all;
        _requests.Clear();
        _grants.Clear();
        return ReloadAsync();
    }

    private Task ApproveAsync(AccessRequestView request, string? comment) =>
        ActAsync(token => Mediator.SendAsync(new ApproveAccessRequest.Command(request.Id, comment), token));

    private Task RejectAsync(AccessRequestView request, string? comment) =>
        ActAsync(token => Mediator.SendAsync(new RejectAccessRequest.Command(request.Id, comment), token));

    private Task WithdrawAsync(AccessRequestView request) =>
        ActAsync(token => Mediator.SendAsync(new WithdrawAccessRequest.Command(request.Id), token));

    private Task RevokeAsync(GrantView grant) => ActAsync(token => Mediator.SendAsync(new RevokeGrant.Command(grant.Id), token));
}
