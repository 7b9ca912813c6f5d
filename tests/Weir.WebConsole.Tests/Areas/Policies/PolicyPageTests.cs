using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Areas.Policies;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Policies;

public sealed class PolicyPageTests : ConsoleTest
{
    private static readonly DocumentView Document = Sample.Document("Guardrail", "unbounded-writes", """{"action":"review","message":"a < b"}""");

    [Fact]
    public void A_document_is_shown_as_it_is_written()
    {
        Open(Sample.Auditor).Find("pre code").TextContent.ShouldContain("\"message\": \"a < b\"");
    }

    [Fact]
    public void Who_only_reads_policies_has_neither_edit_nor_delete()
    {
        var page = Open(Sample.Auditor);
        Buttons(page, "Edit").ShouldBeEmpty();
        Buttons(page, "Delete").ShouldBeEmpty();
    }

    [Fact]
    public async Task Check_changes_nothing_and_shows_what_would_change()
    {
        var page = await EditAsync();
        await page.Find("textarea").ChangeAsync(new() { Value = page.Find("textarea").GetAttribute("value")!.Replace("review", "deny", StringComparison.Ordinal) });
        await PressAsync(page, "Check");

        Mediator.Sent<ApplyDocuments.Command>().ShouldHaveSingleItem().DryRun.ShouldBeTrue();
        TextOf(page).ShouldContain("spec.action");
        page.Find(".diff .removed").TextContent.ShouldContain("\"action\": \"review\"");
        page.Find(".diff .added").TextContent.ShouldContain("\"action\": \"deny\"");
    }

    [Fact]
    public async Task Faults_name_the_path_in_the_document_and_the_message()
    {
        var page = await EditAsync();
        Mediator.On<ApplyDocuments.Command, ApplyDocuments.Response>(_ => throw new ValidationFailedException("documents[0].spec.action", "one of allow, deny, review"));
        await PressAsync(page, "Apply");
        var alert = page.Find("[role=alert]").TextContent;
        alert.ShouldContain("spec.action");
        alert.ShouldContain("one of allow, deny, review");
        alert.ShouldNotContain("documents[0]");
    }

    [Fact]
    public async Task Text_that_is_not_json_is_refused_with_its_line_before_anything_is_sent()
    {
        var page = await EditAsync();
        await page.Find("textarea").ChangeAsync(new() { Value = "{\n  \"kind\" \"Guardrail\"\n}" });
        await PressAsync(page, "Apply");
        page.Find("[role=alert]").TextContent.ShouldContain("line 2");
        Mediator.Sent<ApplyDocuments.Command>().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_is_not_overwritten_unawares()
    {
        var page = await EditAsync();
        Mediator.On<GetDocument.Query, DocumentView>(_ => Document with { UpdatedAt = Sample.Now });
        await PressAsync(page, "Apply");
        page.Find("[role=alert]").TextContent.ShouldContain("Somebody changed this document since you opened it.");
        Mediator.Sent<ApplyDocuments.Command>().ShouldBeEmpty();

        await PressAsync(page, "Apply");
        Mediator.Sent<ApplyDocuments.Command>().ShouldHaveSingleItem().DryRun.ShouldBeFalse();
        TextOf(page).ShouldContain("Applied. Policy version 13 goes to the agents now.");
    }

    [Fact]
    public async Task A_change_elsewhere_does_not_take_away_what_is_being_written()
    {
        var page = await EditAsync();
        await page.Find("textarea").ChangeAsync(new() { Value = "half a thought" });
        await Mediator.WatchedAsync();
        Mediator.Change(ConsoleSubject.Policies);
        WaitForText(page, "Policies changed while you were editing.");
        page.Find("textarea").GetAttribute("value").ShouldBe("half a thought");
    }

    [Fact]
    public async Task Deleting_asks_once_more_and_leads_back_to_the_list()
    {
        var page = Open(Sample.Administrator);
        Mediator.On<DeleteDocument.Command, DeleteDocument.Response>(_ => new(14));
        await PressAsync(page, "Delete");
        Mediator.Sent<DeleteDocument.Command>().ShouldBeEmpty();
        await PressAsync(page, "Delete");
        Mediator.Sent<DeleteDocument.Command>().ShouldBe([new DeleteDocument.Command("Guardrail", "unbounded-writes")]);
        new Uri(Navigation.Uri).PathAndQuery.ShouldBe("/policies?kind=Guardrail");
    }

    private IRenderedComponent<PolicyPage> Open(Actor actor)
    {
        SignIn(actor)
            .On<GetDocument.Query, DocumentView>(_ => Document)
            .On<ApplyDocuments.Command, ApplyDocuments.Response>(c => new(c.DryRun ? 12 : 13, [new(Document.Id, Document.Kind, "unbounded-writes", "changed", ["spec.action"])]));
        return Render<PolicyPage>((nameof(PolicyPage.Kind), Document.Kind), (nameof(PolicyPage.Name), Document.Metadata.Name));
    }

    private async Task<IRenderedComponent<PolicyPage>> EditAsync()
    {
        var page = Open(Sample.Administrator);
        await PressAsync(page, "Edit");
        return page;
    }
}
