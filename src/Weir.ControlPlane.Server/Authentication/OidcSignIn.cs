using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Authentication;

/// <summary>Sign-in with an OpenID provider: discovery, authorization code with PKCE, groups from a claim of the id token or of userinfo.</summary>
internal static partial class OidcSignIn
{
    public const string FailedUrl = "/sign-in?error=sso";

    private static readonly string[] Claims = ["sub", "email", "email_verified", "name"];

    public static void AddOidc(this AuthenticationBuilder authentication, OidcOptions settings, string? organization) =>
        authentication.AddOpenIdConnect(WeirAuthentication.OidcScheme, settings.Name, oidc =>
        {
            oidc.Authority = settings.Authority.AbsoluteUri.TrimEnd('/');
            oidc.RequireHttpsMetadata = !settings.Authority.IsLoopback;
            oidc.ClientId = settings.ClientId;
            oidc.ClientSecret = settings.ClientSecret;
            oidc.ResponseType = OpenIdConnectResponseType.Code;
            oidc.ResponseMode = OpenIdConnectResponseMode.Query;
            oidc.UsePkce = true;
            oidc.SignInScheme = WeirAuthentication.CookieScheme;
            oidc.CallbackPath = "/auth/oidc/callback";
            oidc.SaveTokens = false;
            oidc.MapInboundClaims = false;
            oidc.GetClaimsFromUserInfoEndpoint = true;
            oidc.BackchannelTimeout = TimeSpan.FromSeconds(10);
            oidc.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
            oidc.Scope.Clear();
            foreach (var scope in settings.Scopes)
            {
                oidc.Scope.Add(scope);
            }

            foreach (var claim in Claims)
            {
                oidc.ClaimActions.MapUniqueJsonKey(claim, claim);
            }

            oidc.ClaimActions.MapJsonKey(settings.GroupsClaim, settings.GroupsClaim);
            oidc.CorrelationCookie.SameSite = SameSiteMode.Lax;
            oidc.NonceCookie.SameSite = SameSiteMode.Lax;
            oidc.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.Events.OnTicketReceived = context => AdmitAsync(context, settings, organization);
            oidc.Events.OnRemoteFailure = static context =>
            {
                LogFailed(LoggerOf(context.HttpContext), context.Failure?.Message ?? "no reason given");
                context.HandleResponse();
                context.Response.Redirect(FailedUrl);
                return Task.CompletedTask;
            };
        });

    private static async Task AdmitAsync(TicketReceivedContext context, OidcOptions settings, string? organization)
    {
        try
        {
            var claims = context.Principal!;
            var subject = claims.FindFirstValue("sub");
            var email = claims.FindFirstValue("email");
            if (subject is null || email is null)
            {
                throw new ForbiddenException("The provider gave no sub or no email claim; ask for the scope email.");
            }

            if (claims.FindFirstValue("email_verified") is "false" or "False")
            {
                throw new ForbiddenException("The provider has not verified the e-mail address.");
            }

            var groups = claims.FindAll(settings.GroupsClaim).Select(c => c.Value).Distinct(StringComparer.Ordinal).ToList();
            var mediator = context.HttpContext.RequestServices.GetRequiredService<ActorMediator>();
            var command = new SignInWithOidc.Command(settings.Authority.AbsoluteUri.TrimEnd('/'), subject, email, claims.FindFirstValue("name"), groups, organization);
            var actor = (await mediator.SendAsync(Actor.Anonymous, command, context.HttpContext.RequestAborted)).Actor
                ?? throw new ForbiddenException("The principal is disabled, or there is no organization for it.");
            context.Principal = new ClaimsPrincipal(new ActorIdentity(actor, WeirAuthentication.CookieScheme));
        }
        catch (Exception refused) when (refused is ForbiddenException or ConflictException or ValidationFailedException)
        {
            LogFailed(LoggerOf(context.HttpContext), refused.Message);
            context.HandleResponse();
            context.Response.Redirect(FailedUrl);
        }
    }

    private static ILogger LoggerOf(HttpContext http) => http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OidcSignIn).FullName!);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "A sign-in with the OpenID provider failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
