using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Layout;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Layout;

public sealed class NavMenuTests : ConsoleTest
{
    [Fact]
    public async Task Badges_count_what_waits_and_follow_along()
    {
        var menu = Open(Sample.Reviewer);
        menu.FindAll(".count").ShouldBeEmpty();
        await Mediator.WatchedAsync();
        Mediator.On<ListReviews.Query, Page<ReviewView>>(_ => Sample.PageOf(Sample.Review, Sample.Review));
        Mediator.Change(ConsoleSubject.Reviews, Sample.Review.Id);
        menu.WaitForAssertion(() => menu.Find(".count").GetAttribute("aria-label").ShouldBe("2 open"), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_member_is_not_led_to_what_is_not_theirs()
    {
        TextOf(Open(Sample.Developer)).ShouldNotContain("Audit");
    }

    [Fact]
    public void An_auditor_finds_everything()
    {
        Open(Sample.Auditor).FindAll("a").Select(a => a.GetAttribute("href"))
            .ShouldBe(["/", "/requests", "/reviews", "/sessions", "/policies", "/agents", "/people", "/audit", "/webhooks", "/settings"]);
    }

    [Fact]
    public void A_control_plane_that_does_not_answer_costs_the_badges_and_not_the_page()
    {
        SignIn(Sample.Developer).On<ListAccessRequests.Query, Page<AccessRequestView>>(_ => throw new TimeoutException());
        TextOf(Render<NavMenu>()).ShouldContain("Connections");
    }

    private IRenderedComponent<NavMenu> Open(Actor actor)
    {
        SignIn(actor)
            .On<ListAccessRequests.Query, Page<AccessRequestView>>(_ => Sample.PageOf<AccessRequestView>())
            .On<ListReviews.Query, Page<ReviewView>>(_ => Sample.PageOf<ReviewView>());
        return Render<NavMenu>();
    }
}
