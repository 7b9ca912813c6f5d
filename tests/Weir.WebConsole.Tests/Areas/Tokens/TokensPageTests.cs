using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.WebConsole.Areas.Tokens;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Tokens;

public sealed class TokensPageTests : ConsoleTest
{
    private const string Secret = "weir_only_once";

    [Fact]
    public async Task A_token_is_shown_once_and_is_gone_with_the_dialog()
    {
        SignIn(Sample.Developer)
            .On<ListTokens.Query, Page<TokenView>>(_ => Sample.PageOf<TokenView>())
            .On<CreateToken.Command, CreateToken.Response>(c => new(Guid.CreateVersion7(), Secret, c.Name, "dev@example.com", Sample.Now.AddDays(30)));
        var page = Render<TokensPage>();
        await PressAsync(page, "Create token");
        await page.Find("dialog input").ChangeAsync(new() { Value = "laptop" });
        await page.Find("dialog form").SubmitAsync();
        TextOf(page).ShouldContain(Secret);
        Mediator.Sent<CreateToken.Command>().ShouldBe([new CreateToken.Command("laptop", TimeSpan.FromDays(30))]);

        await page.Find("[data-close]").ClickAsync(new());
        page.Markup.ShouldNotContain(Secret);
        Mediator.Sent<ListTokens.Query>().Count.ShouldBe(2);
    }
}
