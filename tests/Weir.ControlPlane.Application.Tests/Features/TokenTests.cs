using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class TokenTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task A_token_is_its_principal_until_it_expires()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = await weir.SendAsync(o.Dev, new CreateToken.Command("laptop", TimeSpan.FromHours(1)));

        (await weir.SignInAsync(token.Token)).Id.ShouldBe(o.Dev.Id);
        (await weir.SendAsync(o.Dev, new ListTokens.Query())).Items.Single(t => t.Name == "laptop").LastUsedAt.ShouldBe(weir.Time.GetUtcNow());
        weir.Time.Advance(TimeSpan.FromHours(1));
        (await AuthenticateAsync(weir, token.Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Only_its_hash_is_kept_and_it_is_never_listed()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = await weir.SendAsync(o.Dev, new CreateToken.Command("laptop"));

        (await weir.Database.QueryAsync<string>("SELECT t::text FROM api_tokens t UNION ALL SELECT t::text FROM audit_events t")).ShouldAllBe(r => !r.Contains(token.Token));
        (await weir.SendAsync(o.Dev, new ListTokens.Query())).Items.ShouldAllBe(t => t.Prefix.Length <= 16 && token.Token != t.Prefix);
        token.ToString().ShouldNotContain(token.Token);
        new AuthenticateToken.Command(token.Token).ToString().ShouldNotContain(token.Token);
    }

    [Fact]
    public async Task A_revoked_token_is_nobody()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = await weir.SendAsync(o.Dev, new CreateToken.Command("laptop"));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new RevokeToken.Command(token.Id)));

        await weir.SendAsync(o.Dev, new RevokeToken.Command(token.Id));

        (await AuthenticateAsync(weir, token.Token)).ShouldBeNull();
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dev, new RevokeToken.Command(token.Id)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("weir_")]
    [InlineData("weir_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer x")]
    [InlineData("weir_\0")]
    public async Task What_is_no_token_is_nobody(string text)
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        await weir.CreateOrganizationAsync();
        (await AuthenticateAsync(weir, text)).ShouldBeNull();
        (await AuthenticateAsync(weir, text + new string('x', 100_000))).ShouldBeNull();
    }

    [Fact]
    public async Task Tokens_are_made_for_oneself_ones_ai_agents_and_machines_and_never_for_other_people()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();

        (await weir.SendAsync(o.Dev, new CreateToken.Command("bot", null, "assistant"))).Principal.ShouldBe("assistant");
        (await weir.SendAsync(o.Admin, new CreateToken.Command("job", null, "etl"))).Principal.ShouldBe("etl");
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Admin, new CreateToken.Command("x", null, "dev@weir.example")));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Support, new CreateToken.Command("x", null, "assistant")));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Assistant, new CreateToken.Command("x", null, "dev@weir.example")));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dev, new CreateToken.Command("x", null, "nobody")));
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Dev, new CreateToken.Command("x", TimeSpan.FromDays(1000))));
    }

    [Fact]
    public async Task Pages_hold_every_token_once_also_those_of_one_instant()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        for (var i = 0; i < 5; i++)
        {
            await weir.SendAsync(o.Support, new CreateToken.Command($"t{i}"));
        }

        await Paging.HoldsEveryItemOnce(6, t => t.Id, (after, limit) => weir.SendAsync(o.Support, new ListTokens.Query(false, after, limit)));
    }

    private static async Task<Actor?> AuthenticateAsync(TestControlPlane weir, string token) =>
        (await weir.SendAsync(Actor.Anonymous, new AuthenticateToken.Command(token))).Actor;
}
