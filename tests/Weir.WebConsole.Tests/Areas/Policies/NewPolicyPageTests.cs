using Weir.ControlPlane.Application.Features.Documents;
using Weir.WebConsole.Areas.Policies;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Policies;

public sealed class NewPolicyPageTests : ConsoleTest
{
    [Fact]
    public async Task What_was_made_is_shown()
    {
        SignIn(Sample.Administrator).On<ApplyDocuments.Command, ApplyDocuments.Response>(_ => new(2, [new(Guid.CreateVersion7(), "MaskingRule", "card-numbers", "created", [])]));
        var page = Render<NewPolicyPage>((nameof(NewPolicyPage.Kind), "MaskingRule"));
        await PressAsync(page, "Apply");
        Mediator.Sent<ApplyDocuments.Command>().ShouldHaveSingleItem().Documents[0].GetProperty("kind").GetString().ShouldBe("MaskingRule");
        new Uri(Navigation.Uri).PathAndQuery.ShouldBe("/policies/MaskingRule/card-numbers");
    }

    [Fact]
    public void Who_may_not_write_policies_gets_no_editor()
    {
        SignIn(Sample.Auditor);
        Render<NewPolicyPage>((nameof(NewPolicyPage.Kind), "MaskingRule")).FindAll("textarea").ShouldBeEmpty();
    }

    [Fact]
    public void A_kind_that_does_not_exist_leads_to_those_that_do()
    {
        SignIn(Sample.Administrator);
        TextOf(Render<NewPolicyPage>((nameof(NewPolicyPage.Kind), "Nonsense"))).ShouldContain("See the kinds there are");
    }
}
