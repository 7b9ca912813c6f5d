using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;

namespace Weir.ControlPlane.Application.Features.Tokens;

/// <summary>From a bearer token to its principal.</summary>
public static class AuthenticateToken
{
    /// <summary>How exactly the last use is remembered: a row is not written for every request.</summary>
    private static readonly TimeSpan LastUsedResolution = TimeSpan.FromMinutes(1);

    [RequirePermission(Permission.Anonymous)]
    public sealed record Command(string Token) : IRequest<Response>
    {
        public override string ToString() => "authenticate token";
    }

    /// <param name="Actor">Null when the token is unknown, expired or revoked, or its principal disabled; nothing tells which.</param>
    public sealed record Response(Actor? Actor, Guid? TokenId);

    internal sealed class Handler(WeirDbContext db, OrganizationLookup lookup, PrincipalReader principals, TimeProvider time) : IRequestHandler<Command, Response>
    {
        private static readonly Response Unknown = new(null, null);

        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            if (request.Token.Length > BearerSecret.MaxLength || !request.Token.StartsWith(BearerSecret.ApiTokenPrefix, StringComparison.Ordinal))
            {
                return Unknown;
            }

            var hash = BearerSecret.HashOf(request.Token);
            if (!await lookup.EnterByApiTokenAsync(hash, cancellationToken))
            {
                return Unknown;
            }

            var now = time.GetUtcNow();
            var token = await db.ApiTokens.AsNoTracking().SingleAsync(t => t.SecretHash == hash, cancellationToken);
            if (!token.IsValid(now) || await principals.FindActorAsync(token.PrincipalId, cancellationToken) is not { } actor)
            {
                return Unknown;
            }

            if (token.LastUsedAt is null || now - token.LastUsedAt > LastUsedResolution)
            {
                await db.ApiTokens.Where(t => t.Id == token.Id).ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedAt, now), cancellationToken);
            }

            return new(actor, token.Id.Value);
        }
    }
}
