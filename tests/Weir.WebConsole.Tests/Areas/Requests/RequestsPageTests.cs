using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.WebConsole.Areas.Requests;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Requests;

public sealed class RequestsPageTests : ConsoleTest
{
    [Fact]
    public async Task Who_may_decide_approves_with_a_comment()
    {
        var page = Open(Sample.Reviewer, Sample.AccessRequest);
        Mediator.On<ApproveAccessRequest.Command, AccessRequestView>(_ => Sample.AccessRequest);
        TextOf(page).ShouldContain("OPS-7: repair an order");
        TextOf(page).ShouldContain("for 1 h 30 min");
        await page.Find("textarea").InputAsync(new() { Value = "for the incident" });
        await PressAsync(page, "Approve");
        Mediator.Sent<ApproveAccessRequest.Command>().ShouldBe([new ApproveAccessRequest.Command(Sample.AccessRequest.Id, "for the incident")]);
    }

    [Fact]
    public async Task Ones_own_request_can_be_withdrawn_but_not_decided()
    {
        var page = Open(Sample.Developer, Sample.AccessRequest with { MayDecide = false });
        Mediator.On<WithdrawAccessRequest.Command, AccessRequestView>(_ => Sample.AccessRequest);
        Buttons(page, "Approve").ShouldBeEmpty();
        await PressAsync(page, "Withdraw");
        await PressAsync(page, "Withdraw");
        Mediator.Sent<WithdrawAccessRequest.Command>().ShouldBe([new WithdrawAccessRequest.Command(Sample.AccessRequest.Id)]);
    }

    [Fact]
    public async Task A_grant_is_revoked_only_after_a_second_yes()
    {
        var page = Open(Sample.Developer, Sample.AccessRequest with { MayDecide = false, Status = "approved" });
        Mediator.On<RevokeGrant.Command, GrantView>(_ => Sample.Grant);
        await PressAsync(page, "Revoke");
        Mediator.Sent<RevokeGrant.Command>().ShouldBeEmpty();
        await PressAsync(page, "Revoke");
        Mediator.Sent<RevokeGrant.Command>().ShouldBe([new RevokeGrant.Command(Sample.Grant.Id)]);
    }

    private IRenderedComponent<RequestsPage> Open(Actor actor, AccessRequestView request)
    {
        SignIn(actor)
            .On<ListAccessRequests.Query, Page<AccessRequestView>>(_ => Sample.PageOf(request))
            .On<ListGrants.Query, Page<GrantView>>(_ => Sample.PageOf(Sample.Grant));
        return Render<RequestsPage>();
    }
}
