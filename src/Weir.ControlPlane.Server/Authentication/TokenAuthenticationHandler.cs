using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.Mcp;

namespace Weir.ControlPlane.Server.Authentication;

/// <summary>API tokens: <c>Authorization: Bearer …</c>. An unknown, expired or revoked token and one of a disabled principal look the same.</summary>
internal sealed class TokenAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ActorMediator mediator, ServerOptions server)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        var answer = await mediator.SendAsync(Actor.Anonymous, new AuthenticateToken.Command(header[Prefix.Length..].Trim()), Context.RequestAborted);
        return answer.Actor is { } actor
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ActorIdentity(actor, Scheme.Name)), Scheme.Name))
            : AuthenticateResult.Fail("The token is unknown, expired or revoked.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = Request.Path.StartsWithSegments(McpHosting.Path) ? McpHosting.Challenge(server.PublicUrl) : "Bearer";
        return Task.CompletedTask;
    }
}
