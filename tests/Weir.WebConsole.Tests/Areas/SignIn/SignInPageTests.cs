using Microsoft.Extensions.DependencyInjection;
using Weir.ControlPlane.Application.Authorization;
using Weir.WebConsole.Areas.SignIn;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.SignIn;

public sealed class SignInPageTests : ConsoleTest
{
    [Fact]
    public void The_form_posts_email_password_and_where_to_go_with_an_antiforgery_token()
    {
        var page = Open("/sign-in?returnUrl=%2Freviews%2F7", null);
        var form = page.Find("form");
        (form.GetAttribute("method"), form.GetAttribute("action")).ShouldBe(("post", "/auth/sign-in"));
        form.QuerySelectorAll("input").Select(i => i.GetAttribute("name")).ShouldBe(["__RequestVerificationToken", "returnUrl", "email", "password"], ignoreOrder: true);
        page.Find("input[name=returnUrl]").GetAttribute("value").ShouldBe("/reviews/7");
        page.FindAll("[role=alert]").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public void Nobody_is_sent_to_another_site_after_signing_in(string url)
    {
        Open($"/sign-in?returnUrl={Uri.EscapeDataString(url)}", null).Find("input[name=returnUrl]").GetAttribute("value").ShouldBe("/");
    }

    [Fact]
    public void A_failure_says_that_email_or_password_is_wrong_and_not_which()
    {
        Open("/sign-in?error=1", null).Find("[role=alert]").TextContent.ShouldBe("Email or password is wrong.");
    }

    [Fact]
    public void An_identity_provider_has_its_button()
    {
        var link = Open("/sign-in?returnUrl=%2Fsessions", "Example ID").Find("a");
        link.TextContent.ShouldBe("Sign in with Example ID");
        link.GetAttribute("href").ShouldBe("/auth/oidc?returnUrl=%2Fsessions");
    }

    private IRenderedComponent<SignInPage> Open(string address, string? provider)
    {
        SignIn(Actor.Anonymous);
        Services.AddSingleton(new SignInOptions(provider));
        Navigation.NavigateTo(address);
        return Render<SignInPage>();
    }
}
