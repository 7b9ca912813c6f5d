using System.Net;
using System.Text.RegularExpressions;
using Weir.ControlPlane.Server.Hosting;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.Testing.Oidc;

namespace Weir.ControlPlane.Server.Tests.FrontDoors;

/// <summary>Signing in to the console, as a browser does it.</summary>
public sealed partial class SignInTests(ControlPlaneServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_password_signs_in_and_the_sign_out_ends_it()
    {
        using var browser = new Browser(server.Url);
        using var stranger = await browser.Http.GetAsync("/", Cancellation);
        stranger.RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/sign-in");
        using var page = await browser.SignInAsync(ControlPlaneServer.AdminEmail, ControlPlaneServer.Password);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/");
        (await browser.Http.GetAsync("/api/v1/me", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_password_leads_back_to_the_form()
    {
        using var browser = new Browser(server.Url);
        using var page = await browser.SignInAsync(ControlPlaneServer.AdminEmail, "wrong");
        page.RequestMessage!.RequestUri!.PathAndQuery.ShouldStartWith("/sign-in?error=1");
        (await browser.Http.GetAsync("/", Cancellation)).RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/sign-in");
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_is_refused()
    {
        using var browser = new Browser(server.Url);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["email"] = ControlPlaneServer.AdminEmail, ["password"] = ControlPlaneServer.Password });
        (await browser.Http.PostAsync("/auth/sign-in", form, Cancellation)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_cookie_alone_changes_nothing_through_the_api()
    {
        using var browser = new Browser(server.Url);
        using var page = await browser.SignInAsync(ControlPlaneServer.AdminEmail, ControlPlaneServer.Password);
        using var body = new StringContent("""{"name":"forged"}""", System.Text.Encoding.UTF8, "application/json");
        (await browser.Http.PostAsync("/api/v1/tokens", body, Cancellation)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task Nobody_is_led_to_another_site(string returnUrl)
    {
        using var browser = new Browser(server.Url);
        using var page = await browser.SignInAsync(ControlPlaneServer.AdminEmail, ControlPlaneServer.Password, returnUrl);
        page.RequestMessage!.RequestUri!.ToString().ShouldBe(server.Url.ToString());
    }

    [Fact]
    public async Task Pages_carry_a_policy_that_forbids_inline_script()
    {
        using var browser = new Browser(server.Url);
        using var page = await browser.Http.GetAsync("/sign-in", Cancellation);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("script-src 'self';");
        policy.ShouldNotContain("unsafe");
        policy.ShouldContain("frame-ancestors 'none'");
        (await page.Content.ReadAsStringAsync(Cancellation)).ShouldNotContain("<script>");
    }

    [Fact]
    public async Task An_openid_provider_signs_in_a_user_on_first_sight_with_groups_from_its_claims()
    {
        var options = server.Options();
        var callback = $"{options.PublicUrl.AbsoluteUri.TrimEnd('/')}/auth/oidc/callback";
        await using var provider = await OidcProviderServer.StartAsync(
            [new OidcClientRegistration("weir", "client-secret-of-tests", [callback])],
            [new OidcUser("carol", "carol@sso.example", "Carol", ["engineers", "on-call"])],
            Cancellation);
        await using var app = ServerHost.Build(server.Options(
            ("WEIR_HTTP_PORT", $"{options.HttpPort}"),
            ("WEIR_PUBLIC_URL", options.PublicUrl.ToString()),
            ("WEIR_OIDC_AUTHORITY", provider.Issuer.ToString()),
            ("WEIR_OIDC_CLIENT_ID", "weir"),
            ("WEIR_OIDC_CLIENT_SECRET", "client-secret-of-tests"),
            ("WEIR_OIDC_SCOPES", "openid,profile,email,groups")));
        await app.StartAsync(Cancellation);
        using var browser = new Browser(options.PublicUrl);
        using var login = await browser.Http.GetAsync("/auth/oidc?returnUrl=/sessions", Cancellation);
        login.RequestMessage!.RequestUri!.Authority.ShouldBe(provider.Issuer.Authority);
        login.RequestMessage.RequestUri.AbsolutePath.ShouldContain("interaction");
        using var page = await browser.SubmitAsync(login, new() { ["login"] = "carol", ["password"] = "any" });
        page.RequestMessage!.RequestUri!.PathAndQuery.ShouldBe("/sessions", await page.Content.ReadAsStringAsync(Cancellation));
        var me = System.Text.Json.Nodes.JsonNode.Parse(await browser.Http.GetStringAsync("/api/v1/me", Cancellation))!;
        me["name"]!.GetValue<string>().ShouldBe("carol@sso.example");
        me["groups"]!.AsArray().Select(g => g!.ToString()).ShouldBe(["engineers", "on-call"], ignoreOrder: true);
        await app.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_callback_that_nobody_asked_for_is_refused()
    {
        var options = server.Options(("WEIR_OIDC_AUTHORITY", "http://127.0.0.1:1"), ("WEIR_OIDC_CLIENT_ID", "weir"));
        await using var app = ServerHost.Build(options);
        await app.StartAsync(Cancellation);
        using var browser = new Browser(options.PublicUrl);
        using var page = await browser.Http.GetAsync("/auth/oidc/callback?code=stolen&state=forged", Cancellation);
        page.RequestMessage!.RequestUri!.PathAndQuery.ShouldBe("/sign-in?error=sso");
        await app.StopAsync(Cancellation);
    }

    /// <summary>Keeps cookies and follows redirects and forms.</summary>
    private sealed partial class Browser(Uri home) : IDisposable
    {
        public HttpClient Http { get; } = new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = true, MaxAutomaticRedirections = 20 }) { BaseAddress = home };

        public async Task<HttpResponseMessage> SignInAsync(string email, string password, string returnUrl = "/")
        {
            using var form = await Http.GetAsync($"/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}", Cancellation);
            return await SubmitAsync(form, new() { ["email"] = email, ["password"] = password });
        }

        /// <summary>Fills the first form of a page and sends it.</summary>
        public async Task<HttpResponseMessage> SubmitAsync(HttpResponseMessage page, Dictionary<string, string> values)
        {
            var html = await page.Content.ReadAsStringAsync(Cancellation);
            var action = WebUtility.HtmlDecode(Action().Match(html).Groups[1].Value);
            foreach (Match hidden in Hidden().Matches(html))
            {
                values.TryAdd(Name().Match(hidden.Value).Groups[1].Value, WebUtility.HtmlDecode(Value().Match(hidden.Value).Groups[1].Value));
            }

            using var content = new FormUrlEncodedContent(values);
            return await Http.PostAsync(new Uri(page.RequestMessage!.RequestUri!, action), content, Cancellation);
        }

        public void Dispose() => Http.Dispose();

        [GeneratedRegex("<form[^>]*action=\"([^\"]*)\"")]
        private static partial Regex Action();

        [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
        private static partial Regex Hidden();

        [GeneratedRegex("name=\"([^\"]*)\"")]
        private static partial Regex Name();

        [GeneratedRegex("value=\"([^\"]*)\"")]
        private static partial Regex Value();
    }
}
