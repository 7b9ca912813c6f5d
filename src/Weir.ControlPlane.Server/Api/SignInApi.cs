using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Server.Authentication;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Api;

internal static class SignInApi
{
    private static readonly TimeSpan LoginTtl = TimeSpan.FromHours(12);

    public static void MapSignIn(this RouteGroupBuilder api)
    {
        api.MapPost("/login", LogInAsync).AllowAnonymous().RequireRateLimiting(WeirAuthentication.SignInLimit).WithSummary("A token for e-mail address and password, valid for 12 hours.");
        api.MapGet("/me", (Caller caller) => caller.SendAsync(new GetMe.Query())).WithSummary("Who the token belongs to.");
        api.MapGet("/tokens", ([AsParameters] Paging page, bool? all, Caller caller) => caller.SendAsync(new ListTokens.Query(all ?? false, page.After, page.Size)));
        api.MapPost("/tokens", (CreateToken.Command body, Caller caller) => caller.SendAsync(body)).WithSummary("Makes an API token; its text is in this answer only.");
        api.MapPost("/tokens/{id:guid}/revoke", (Guid id, Caller caller) => caller.SendAsync(new RevokeToken.Command(id)));
    }

    private static async Task<IResult> LogInAsync(LoginBody body, ActorMediator mediator, ServerOptions server, CancellationToken cancellationToken)
    {
        var signedIn = await mediator.SendAsync(Actor.Anonymous, new SignInWithPassword.Command(body.Email, body.Password, body.Organization ?? server.Organization), cancellationToken);
        return signedIn.Actor is { } actor
            ? TypedResults.Ok(await mediator.SendAsync(actor, new CreateToken.Command("login", LoginTtl), cancellationToken))
            : TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Not signed in", detail: "The e-mail address or the password is wrong.");
    }

    internal sealed record LoginBody(string Email, string Password, string? Organization = null)
    {
        /// <summary>Without the password.</summary>
        public override string ToString() => Email;
    }
}
