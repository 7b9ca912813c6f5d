using Weir.ControlPlane.Application.Features.Sessions;
using Weir.WebConsole.Areas.Sessions;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Sessions;

public sealed class ReplayPageTests : ConsoleTest
{
    private static readonly ReplaySession.Event[] Recording =
    [
        Event(1, "statement") with { Received = new("SELECT name, ssn FROM customers", [], "allow", [], ["read"], [], "select", "simple") },
        Event(2, "columns") with { Columns = [new("name", 25, null, null), new("ssn", 25, "pii", "public.customers.ssn")] },
        Event(3, "rows") with { Rows = [["<b>first</b>", "***"]] },
        Event(4, "rows") with { Rows = [[null, "***"]] },
        Event(5, "finished") with { Finished = new("ok", "SELECT 2", 2, null, null, 3.5, null, 2, 64) },
    ];

    [Fact]
    public void Rows_of_one_answer_are_one_table_in_which_masked_columns_are_marked()
    {
        var page = Open(Recording, null);
        var table = page.FindAll("table").ShouldHaveSingleItem();
        table.QuerySelectorAll("th").Select(h => h.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldBe([["name"], ["ssn", "masked"]]);
        table.QuerySelector("th .chip")!.GetAttribute("title").ShouldBe("pii: public.customers.ssn");
        table.QuerySelectorAll("tbody tr").Length.ShouldBe(2);
    }

    [Fact]
    public void Values_from_the_database_are_text_and_null_is_told_from_text()
    {
        var page = Open(Recording, null);
        page.FindAll("b").ShouldBeEmpty();
        page.FindAll("tbody td").Select(c => c.TextContent.Trim()).ShouldBe(["<b>first</b>", "***", "NULL", "***"]);
        page.FindAll("td .null").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_next_page_goes_on_with_the_table_that_the_last_one_broke_off()
    {
        SignIn(Sample.Developer).On<ReplaySession.Query, ReplaySession.Response>(q =>
            q.After == 0 ? new(Sample.Session, Recording[..3], 3) : new(Sample.Session, Recording[3..], null));
        var page = Render<ReplayPage>((nameof(ReplayPage.Id), Sample.Session.Id));
        await PressAsync(page, "Load more");
        Mediator.Sent<ReplaySession.Query>()[^1].After.ShouldBe(3);
        page.FindAll("table").ShouldHaveSingleItem().QuerySelectorAll("tbody tr").Length.ShouldBe(2);
        TextOf(page).ShouldContain("SELECT 2");
    }

    [Fact]
    public void An_event_of_a_newer_agent_is_not_hidden()
    {
        TextOf(Open([Event(1, "unknown")], null)).ShouldContain("An event that this console does not know.");
    }

    private static ReplaySession.Event Event(long sequence, string type) => new($"s:{sequence}", sequence, Sample.Now, type, 1);

    private IRenderedComponent<ReplayPage> Open(ReplaySession.Event[] events, long? next)
    {
        SignIn(Sample.Developer).On<ReplaySession.Query, ReplaySession.Response>(_ => new(Sample.Session, events, next));
        return Render<ReplayPage>((nameof(ReplayPage.Id), Sample.Session.Id));
    }
}
