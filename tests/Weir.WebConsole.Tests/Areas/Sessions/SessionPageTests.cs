using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Areas.Sessions;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Sessions;

public sealed class SessionPageTests : ConsoleTest
{
    [Fact]
    public void Statements_stand_with_text_parameters_decision_reasons_and_outcome()
    {
        var denied = Sample.Statement with
        {
            Sequence = 2,
            Text = "DROP TABLE orders",
            Decision = "deny",
            Status = "denied",
            SqlState = "42501",
            ErrorMessage = "weir: denied by guardrail",
            Reasons = [new("guardrail", "no-destructive-ddl", "deny", "Ship a migration instead.", "", Shadow: false)],
        };
        var page = Open(Sample.Developer, Sample.Session, Sample.Statement, denied);
        var text = TextOf(page);
        text.ShouldContain("SELECT name FROM customers WHERE id = $1");
        text.ShouldContain("1 row");
        text.ShouldContain("1.25 ms");
        text.ShouldContain("42501");
        text.ShouldContain("Ship a migration instead.");
        page.FindAll(".parameters li").Select(p => p.TextContent.Trim()).Take(2).ShouldBe(["7", "NULL"]);
    }

    [Fact]
    public void What_clients_and_databases_say_is_text_and_never_markup()
    {
        var page = Open(
            Sample.Developer,
            Sample.Session with { ApplicationName = "<script>1</script>", Context = new Dictionary<string, string> { ["purpose"] = "<img src=x>" } },
            Sample.Statement with { Text = "SELECT '<b>x</b>'", Parameters = ["<i>y</i>"], ErrorMessage = "relation \"<u>z</u>\" does not exist" });
        page.FindAll("script, img, b, i, u").ShouldBeEmpty();
        TextOf(page).ShouldContain("SELECT '<b>x</b>'");
        TextOf(page).ShouldContain("<i>y</i>");
        TextOf(page).ShouldContain("<img src=x>");
    }

    [Fact]
    public async Task Ones_own_session_follows_along()
    {
        var page = Open(Sample.Developer, Sample.Session);
        await Mediator.WatchedAsync();
        Mediator.On<GetSession.Query, GetSession.Response>(_ => new(Sample.Session, [Sample.Statement], null));
        Mediator.Change(ConsoleSubject.Sessions, Sample.Session.Id);
        WaitForText(page, "SELECT name FROM customers");
    }

    [Fact]
    public async Task Anothers_session_is_looked_at_again_only_when_asked_because_each_look_is_written_down()
    {
        var page = Open(Sample.Auditor, Sample.Session);
        await Mediator.WatchedAsync();
        Mediator.Change(ConsoleSubject.Sessions, Sample.Session.Id);
        WaitForText(page, "Something happened in this session.");
        Mediator.Sent<GetSession.Query>().Count.ShouldBe(1);
        await PressAsync(page, "Show it");
        Mediator.Sent<GetSession.Query>().Count.ShouldBe(2);
        TextOf(page).ShouldNotContain("Something happened in this session.");
    }

    [Fact]
    public async Task An_administrator_ends_a_live_session_after_a_second_yes()
    {
        var page = Open(Sample.Administrator, Sample.Session);
        Mediator.On<KillSession.Command, KillSession.Response>(c => new(c.SessionId, "terminating"));
        await PressAsync(page, "End session");
        Mediator.Sent<KillSession.Command>().ShouldBeEmpty();
        await PressAsync(page, "End session");
        Mediator.Sent<KillSession.Command>().ShouldBe([new KillSession.Command(Sample.Session.Id)]);
        TextOf(page).ShouldContain("has been told to end");
    }

    [Fact]
    public void An_auditor_may_read_but_not_end_it()
    {
        Buttons(Open(Sample.Auditor, Sample.Session), "End session").ShouldBeEmpty();
    }

    [Fact]
    public void What_is_over_can_not_be_ended()
    {
        Buttons(Open(Sample.Administrator, Sample.Session with { Status = "ended", EndedAt = Sample.Now }), "End session").ShouldBeEmpty();
    }

    [Fact]
    public void The_export_is_one_click_away()
    {
        Open(Sample.Developer, Sample.Session).Find("a[download]").GetAttribute("href").ShouldBe($"/api/v1/sessions/{Sample.Session.Id}/export");
    }

    [Fact]
    public void A_broken_recording_is_told_before_anything_else()
    {
        Open(Sample.Auditor, Sample.Session with { Integrity = "broken", IntegrityFault = "event 4 does not continue event 3" })
            .Find("[role=alert]").TextContent.ShouldContain("event 4 does not continue event 3");
    }

    private IRenderedComponent<SessionPage> Open(Actor actor, SessionView session, params StatementView[] statements)
    {
        SignIn(actor).On<GetSession.Query, GetSession.Response>(_ => new(session, statements, null));
        return Render<SessionPage>((nameof(SessionPage.Id), session.Id));
    }
}
