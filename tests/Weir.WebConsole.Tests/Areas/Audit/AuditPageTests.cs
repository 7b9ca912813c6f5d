using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.WebConsole.Areas.Audit;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Audit;

public sealed class AuditPageTests : ConsoleTest
{
    private static readonly AuditEventView Event = new(
        "7", 7, Sample.Now, "admin@example.com", "user", "document.apply", "Guardrail", "unbounded-writes", null, "abc", new Dictionary<string, string> { ["result"] = "<b>changed</b>" });

    [Fact]
    public async Task Verification_that_fails_names_what_is_broken()
    {
        var page = Open();
        Mediator.On<VerifyAudit.Command, VerifyAudit.Response>(_ => new(Ok: false, new(3, []), new(3, []), new(7, [new("5", "was changed")])));
        await PressAsync(page, "Verify");
        var alert = page.Find("[role=alert]").TextContent;
        alert.ShouldContain("Something was changed, dropped or added");
        alert.ShouldContain("was changed");
    }

    [Fact]
    public async Task Verification_that_succeeds_says_what_was_checked()
    {
        var page = Open();
        Mediator.On<VerifyAudit.Command, VerifyAudit.Response>(_ => new(Ok: true, new(3, []), new(1, []), new(7, [])));
        await PressAsync(page, "Verify");
        TextOf(page).ShouldContain("Everything is as it was written.");
        TextOf(page).ShouldContain("7 audit events, 3 recordings and 1 seal");
    }

    [Fact]
    public void Details_are_text_and_documents_are_linked()
    {
        var page = Open();
        page.FindAll("td b").ShouldBeEmpty();
        page.Find("tbody a").GetAttribute("href").ShouldBe("/policies/Guardrail/unbounded-writes");
    }

    [Fact]
    public void A_member_is_told_that_this_is_not_theirs()
    {
        SignIn(Sample.Developer).On<ListAuditEvents.Query, Page<AuditEventView>>(_ => throw new ForbiddenException("This is not yours to do."));
        Render<AuditPage>().Find("[role=alert]").TextContent.ShouldContain("This is not yours to do.");
    }

    private IRenderedComponent<AuditPage> Open()
    {
        SignIn(Sample.Auditor).On<ListAuditEvents.Query, Page<AuditEventView>>(_ => Sample.PageOf(Event));
        return Render<AuditPage>();
    }
}
