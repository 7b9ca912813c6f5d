using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Authentication;

/// <summary>
/// Who is there: a bearer token (API, CLI, MCP), or a cookie after a sign-in with password or OpenID provider (console). A cookie is never enough for an
/// API call that changes something: another site can make a browser send it.
/// </summary>
internal static class WeirAuthentication
{
    public const string TokenScheme = "token";
    public const string CookieScheme = "console";
    public const string OidcScheme = "oidc";

    /// <summary>Policy for API and MCP routes; the console's cookie is accepted for reading.</summary>
    public const string ApiPolicy = "api";

    /// <summary>Policy for the MCP server: tokens only.</summary>
    public const string McpPolicy = "mcp";

    /// <summary>Rate limit of everything that checks a password.</summary>
    public const string SignInLimit = "sign-in";

    private const string ApiScheme = "api";
    private const int SignInsPerMinute = 30;
    private static readonly TimeSpan CookieLifetime = TimeSpan.FromHours(8);

    public static void AddWeirAuthentication(this IServiceCollection services, ServerOptions options)
    {
        var authentication = services.AddAuthentication(CookieScheme)
            .AddScheme<AuthenticationSchemeOptions, TokenAuthenticationHandler>(TokenScheme, null)
            .AddPolicyScheme(ApiScheme, null, policy => policy.ForwardDefaultSelector = http =>
                http.Request.Headers.Authorization.Count == 0 && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
                && http.Request.Cookies.ContainsKey(ConsoleCookieName)
                    ? CookieScheme
                    : TokenScheme)
            .AddCookie(CookieScheme, cookie =>
            {
                cookie.Cookie.Name = ConsoleCookieName;
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = options.PublicUrl.Scheme == Uri.UriSchemeHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
                cookie.ExpireTimeSpan = CookieLifetime;
                cookie.SlidingExpiration = true;
                cookie.LoginPath = "/sign-in";
                cookie.AccessDeniedPath = "/sign-in";
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.Events.OnValidatePrincipal = ResolveActorAsync;
            });
        if (options.Oidc is { } oidc)
        {
            authentication.AddOidc(oidc, options.Organization);
        }

        services.AddAuthorizationBuilder()
            .SetDefaultPolicy(new AuthorizationPolicyBuilder(CookieScheme).RequireAuthenticatedUser().Build())
            .AddPolicy(McpPolicy, policy => policy.AddAuthenticationSchemes(TokenScheme).RequireAuthenticatedUser())
            .AddPolicy(ApiPolicy, policy => policy.AddAuthenticationSchemes(ApiScheme).RequireAuthenticatedUser());
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = static (rejected, _) =>
            {
                rejected.HttpContext.Response.Headers.RetryAfter = 60.ToString(CultureInfo.InvariantCulture);
                return ValueTask.CompletedTask;
            };
            limiter.AddPolicy(SignInLimit, static http => RateLimitPartition.GetFixedWindowLimiter(
                http.Connection.RemoteIpAddress,
                static _ => new FixedWindowRateLimiterOptions { PermitLimit = SignInsPerMinute, Window = TimeSpan.FromMinutes(1) }));
        });
    }

    private const string ConsoleCookieName = "weir-console";

    /// <summary>The principal as it is now: a cookie outlives changes of groups and roles, and the principal's right to be here.</summary>
    private static async Task ResolveActorAsync(CookieValidatePrincipalContext context)
    {
        if (ActorIdentity.IdsOf(context.Principal) is { } ids)
        {
            var mediator = context.HttpContext.RequestServices.GetRequiredService<ActorMediator>();
            var found = await mediator.SendAsync(Actor.Anonymous, new ResolveActor.Query(ids.Organization, ids.Principal), context.HttpContext.RequestAborted);
            if (found.Actor is { } actor)
            {
                context.ReplacePrincipal(new ClaimsPrincipal(new ActorIdentity(actor, CookieScheme)));
                return;
            }
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieScheme);
    }
}
