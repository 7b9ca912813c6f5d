using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.WebConsole.Areas.Sessions;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Sessions;

public sealed class SessionsPageTests : ConsoleTest
{
    [Fact]
    public async Task Filters_stand_in_the_address_and_are_sent()
    {
        SignIn(Sample.Auditor).On<ListSessions.Query, Page<SessionView>>(_ => Sample.PageOf(Sample.Session));
        var page = Render<SessionsPage>();
        await page.FindAll("input")[0].ChangeAsync(new() { Value = "dev@example.com" });
        await page.Find("select").ChangeAsync(new() { Value = "live" });
        await page.Find("form").SubmitAsync();

        new Uri(Navigation.Uri).PathAndQuery.ShouldBe("/sessions?principal=dev%40example.com&state=live");
        var query = Mediator.Sent<ListSessions.Query>()[^1];
        (query.Principal, query.Connection, query.Live).ShouldBe(("dev@example.com", null, true));
    }

    [Fact]
    public void A_link_from_elsewhere_brings_its_filter()
    {
        SignIn(Sample.Auditor).On<ListSessions.Query, Page<SessionView>>(_ => Sample.PageOf<SessionView>());
        Navigation.NavigateTo("/sessions?connection=orders&state=over");
        var page = Render<SessionsPage>();
        var query = Mediator.Sent<ListSessions.Query>().ShouldHaveSingleItem();
        (query.Connection, query.Live).ShouldBe(("orders", false));
        TextOf(page).ShouldContain("No session matches");
    }
}
