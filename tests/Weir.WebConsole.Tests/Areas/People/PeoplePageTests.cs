using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.WebConsole.Areas.People;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.People;

public sealed class PeoplePageTests : ConsoleTest
{
    [Fact]
    public async Task An_AI_agent_is_added_with_the_user_it_acts_for()
    {
        var page = Open(Sample.Administrator);
        Mediator.On<CreatePrincipal.Command, PrincipalView>(_ => Sample.Principal);
        await PressAsync(page, "Add principal");
        await page.Find("dialog select").ChangeAsync(new() { Value = "ai_agent" });
        await page.FindAll("dialog input")[0].ChangeAsync(new() { Value = "report-writer" });
        await page.FindAll("dialog input")[1].ChangeAsync(new() { Value = "dev@example.com" });
        await page.FindAll("dialog input")[2].ChangeAsync(new() { Value = "reports, , engineers" });
        await page.Find("dialog form").SubmitAsync();

        var sent = Mediator.Sent<CreatePrincipal.Command>().ShouldHaveSingleItem();
        (sent.Kind, sent.Name, sent.OnBehalfOf, sent.Password).ShouldBe(("ai_agent", "report-writer", "dev@example.com", null));
        sent.Groups.ShouldBe(["reports", "engineers"]);
        page.FindAll("dialog").ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_what_was_changed_is_sent()
    {
        var page = Open(Sample.Administrator);
        Mediator.On<SetRoles.Command, PrincipalView>(_ => Sample.Principal);
        await PressAsync(page, "Edit");
        await page.FindAll("dialog input[type=checkbox]")[0].ChangeAsync(new() { Value = true });
        await page.Find("dialog form").SubmitAsync();
        Mediator.Sent<SetRoles.Command>().ShouldHaveSingleItem().Roles.ShouldBe(["auditor"]);
        Mediator.Sent<SetGroups.Command>().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_refused_keeps_the_dialog_open_and_says_why()
    {
        var page = Open(Sample.Administrator);
        Mediator.On<SetGroups.Command, PrincipalView>(_ => throw new ConflictException("This is the last administrator."));
        await PressAsync(page, "Edit");
        await page.Find("dialog input").ChangeAsync(new() { Value = "" });
        await page.Find("dialog form").SubmitAsync();
        page.Find("dialog [role=alert]").TextContent.ShouldContain("This is the last administrator.");
    }

    [Fact]
    public void An_auditor_sees_everybody_and_changes_nobody()
    {
        var page = Open(Sample.Auditor);
        TextOf(page).ShouldContain("dev@example.com");
        page.FindAll("button").ShouldBeEmpty();
    }

    private IRenderedComponent<PeoplePage> Open(Actor actor)
    {
        SignIn(actor)
            .On<ListPrincipals.Query, Page<PrincipalView>>(_ => Sample.PageOf(Sample.Principal))
            .On<ListGroups.Query, Page<ListGroups.Group>>(_ => Sample.PageOf(new ListGroups.Group(Guid.CreateVersion7(), "engineers", ["dev@example.com"])));
        return Render<PeoplePage>();
    }
}
