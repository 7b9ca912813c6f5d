using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Authentication;

/// <summary>The console's forms for signing in and out; plain HTTP, because a cookie can't be set from within a circuit.</summary>
internal static class SignInEndpoints
{
    public static void MapWeirSignIn(this WebApplication app)
    {
        var routes = app.MapGroup("/auth").AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/sign-in", SignInAsync).RequireRateLimiting(WeirAuthentication.SignInLimit);
        routes.MapPost("/sign-out", SignOutAsync);
        if (app.Services.GetRequiredService<ServerOptions>().Oidc is not null)
        {
            routes.MapGet("/oidc", ([FromQuery] string? returnUrl) => TypedResults.Challenge(
                new AuthenticationProperties { RedirectUri = Local(returnUrl) }, [WeirAuthentication.OidcScheme]));
        }
    }

    private static async Task<Results<RedirectHttpResult, SignInHttpResult>> SignInAsync(
        [FromForm] string? email, [FromForm] string? password, [FromForm] string? organization, [FromForm] string? returnUrl, HttpContext http, ActorMediator mediator, ServerOptions server)
    {
        Actor? actor = null;
        try
        {
            actor = (await mediator.SendAsync(Actor.Anonymous, new SignInWithPassword.Command(email ?? "", password ?? "", string.IsNullOrWhiteSpace(organization) ? server.Organization : organization), http.RequestAborted)).Actor;
        }
        catch (ValidationFailedException)
        {
            // An empty or overlong field is a wrong one.
        }

        if (actor is null)
        {
            return TypedResults.LocalRedirect($"/sign-in?error=1&returnUrl={Uri.EscapeDataString(Local(returnUrl))}");
        }

        var properties = new AuthenticationProperties { RedirectUri = Local(returnUrl), IsPersistent = false };
        return TypedResults.SignIn(new ClaimsPrincipal(new ActorIdentity(actor, WeirAuthentication.CookieScheme)), properties, WeirAuthentication.CookieScheme);
    }

    // The form is a parameter so that its antiforgery token is checked.
    private static SignOutHttpResult SignOutAsync([FromForm] IFormCollection form) =>
        TypedResults.SignOut(new AuthenticationProperties { RedirectUri = "/sign-in" }, [WeirAuthentication.CookieScheme]);

    /// <summary>Never to another site.</summary>
    private static string Local(string? url) =>
        url is { Length: > 0 } && url[0] == '/' && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith("/\\", StringComparison.Ordinal)
        && !url.Any(char.IsControl)
            ? url
            : "/";
}
