using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Areas.Connections;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Connections;

public sealed class ConnectionsPageTests : ConsoleTest
{
    private const string Secret = "s3cr3t-of-the-wire";

    private static readonly IssueCredential.Response Issued = new(
        "w_example", Secret, $"postgresql://w_example:{Secret}@agent:6433/orders", $"postgresql://w_example:{Secret}@relay:6432/orders", Sample.Now.AddHours(1),
        "dev@example.com", "orders", null, ["The agents have not confirmed the credential yet."]);

    [Fact]
    public async Task The_secret_is_shown_once_with_both_ways_in_and_is_gone_when_the_dialog_is()
    {
        var page = Open(Sample.Developer, Sample.Connection);
        Mediator.On<IssueCredential.Command, IssueCredential.Response>(_ => Issued);
        await PressAsync(page, "Connect");
        await page.Find("select").ChangeAsync(new() { Value = "8" });
        await page.Find("form").SubmitAsync();

        TextOf(page).ShouldContain($"psql '{Issued.DirectUrl}'");
        TextOf(page).ShouldContain($"psql '{Issued.RelayUrl}'");
        TextOf(page).ShouldContain("have not confirmed");
        Mediator.Sent<IssueCredential.Command>().ShouldBe([new IssueCredential.Command("orders", Ttl: TimeSpan.FromHours(8))]);

        await PressAsync(page, "Done");
        page.Markup.ShouldNotContain(Secret);
        await PressAsync(page, "Connect");
        page.Markup.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task A_refusal_is_shown_as_text_where_it_was_asked_for()
    {
        var page = Open(Sample.Developer, Sample.Connection);
        Mediator.On<IssueCredential.Command, IssueCredential.Response>(_ => throw new ForbiddenException("You issue credentials for yourself."));
        await PressAsync(page, "Connect");
        await page.Find("form").SubmitAsync();

        page.Find("dialog [role=alert]").TextContent.ShouldContain("You issue credentials for yourself.");
        Buttons(page, "Issue credential").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_failure_nobody_expected_says_that_nothing_was_changed_and_is_logged_with_its_cause()
    {
        var page = Open(Sample.Developer, Sample.Connection);
        Mediator.On<IssueCredential.Command, IssueCredential.Response>(_ => throw new InvalidOperationException("host=db.internal"));
        await PressAsync(page, "Connect");
        await page.Find("form").SubmitAsync();

        TextOf(page).ShouldContain("Something failed; nothing was changed.");
        page.Markup.ShouldNotContain("db.internal");
        Log.Entries.ShouldContain(e => e.Exception is InvalidOperationException);
    }

    [Fact]
    public async Task Access_is_asked_for_with_level_time_and_reason_and_never_beyond_the_rule()
    {
        var page = Open(Sample.Developer, Sample.OnRequest);
        Mediator.On<CreateAccessRequest.Command, AccessRequestView>(_ => Sample.AccessRequest);
        Buttons(page, "Connect").ShouldBeEmpty();
        await PressAsync(page, "Request access");

        var selects = page.FindAll("dialog select");
        selects[0].QuerySelectorAll("option").Select(o => o.TextContent).ShouldBe(["read", "write"]);
        selects[1].QuerySelectorAll("option").Select(o => o.TextContent).Last().ShouldBe("4 h");
        await selects[0].ChangeAsync(new() { Value = "read" });
        await page.FindAll("dialog select")[1].ChangeAsync(new() { Value = "30" });
        await page.Find("dialog textarea").ChangeAsync(new() { Value = "OPS-7" });
        await page.Find("dialog form").SubmitAsync();

        Mediator.Sent<CreateAccessRequest.Command>().ShouldBe([new CreateAccessRequest.Command("orders", "read", TimeSpan.FromMinutes(30), "OPS-7")]);
        TextOf(page).ShouldContain("Your request waits for dba.");
    }

    [Fact]
    public void What_is_wrong_with_a_field_names_the_field()
    {
        SignIn(Sample.Developer).On<ListConnections.Query, Page<ListConnections.Connection>>(_ => throw new ValidationFailedException("limit", "At most 200."));
        Mediator.On<ListCredentials.Query, Page<CredentialView>>(_ => Sample.PageOf<CredentialView>());
        TextOf(Render<ConnectionsPage>()).ShouldContain("limit: At most 200.");
    }

    [Fact]
    public void An_empty_list_says_what_to_do_next()
    {
        TextOf(Open(Sample.Developer)).ShouldContain("Ask an administrator");
    }

    [Fact]
    public void An_administrator_with_an_empty_list_is_led_to_the_first_steps()
    {
        var page = Open(Sample.Administrator);
        page.FindAll(".empty a").Select(a => a.GetAttribute("href")).ShouldBe(["/agents", "/policies/new/Connection", "/policies/new/AccessRule"]);
    }

    [Fact]
    public async Task A_grant_made_elsewhere_shows_up_by_itself()
    {
        var page = Open(Sample.Developer, Sample.OnRequest);
        Mediator.On<ListConnections.Query, Page<ListConnections.Connection>>(_ =>
            Sample.PageOf(Sample.OnRequest with { Access = "write", Mode = "grant", GrantEndsAt = Sample.Now.AddHours(1) }));
        await Mediator.WatchedAsync();
        Mediator.Change(ConsoleSubject.AccessRequests);
        WaitForText(page, "by grant, ends in 1 h");
    }

    [Fact]
    public async Task A_credential_is_revoked_only_after_a_second_yes()
    {
        var page = Open(Sample.Developer, Sample.Connection);
        Mediator.On<RevokeCredential.Command, RevokeCredential.Response>(c => new(c.CredentialId, Sample.Now));
        await PressAsync(page, "Revoke");
        Mediator.Sent<RevokeCredential.Command>().ShouldBeEmpty();
        await PressAsync(page, "Revoke");
        Mediator.Sent<RevokeCredential.Command>().ShouldBe([new RevokeCredential.Command("w_old")]);
    }

    private IRenderedComponent<ConnectionsPage> Open(Actor actor, params ListConnections.Connection[] connections)
    {
        SignIn(actor)
            .On<ListConnections.Query, Page<ListConnections.Connection>>(_ => Sample.PageOf(connections))
            .On<ListCredentials.Query, Page<CredentialView>>(_ => Sample.PageOf(
                new CredentialView("w_old", actor.Name, "orders", "active", null, Sample.Now.AddHours(-1), Sample.Now.AddHours(1), null)));
        return Render<ConnectionsPage>();
    }
}
