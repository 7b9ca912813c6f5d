using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Credentials;

/// <summary>The actor's credentials and those of its AI agents; everybody's for whoever sees everything.</summary>
public static class ListCredentials
{
    /// <param name="All">Also those that are expired or revoked.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(bool All = false, string? Connection = null, string? Principal = null, string? After = null, int Limit = PageLimits.Default)
        : IRequest<Page<CredentialView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Limit).MustBePageLimit();
            RuleFor(q => q.After).MaximumLength(64);
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Query, Page<CredentialView>>
    {
        public async ValueTask<Page<CredentialView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var me = scope.Actor.PrincipalId;
            var everything = scope.Actor.SeesEverything;
            var now = time.GetUtcNow();
            var after = await PositionAsync(request.After, cancellationToken);
            var rows = await (from c in db.Credentials.AsNoTracking()
                              join p in db.Principals.AsNoTracking() on c.PrincipalId equals p.Id
                              where everything || p.Id == me || p.OnBehalfOf == me
                              where request.All || (c.RevokedAt == null && c.ExpiresAt > now)
                              where request.Connection == null || c.Connection == request.Connection
                              where request.Principal == null || p.Name == request.Principal
                              where after == null || c.ChangedSequence < after
                              orderby c.ChangedSequence descending
                              select new { Credential = c, p.Name })
                .Take(request.Limit + 1)
                .ToListAsync(cancellationToken);
            return rows.ToPage(request.Limit, r => r.Credential.Id.Value) is var page
                ? new([.. page.Items.Select(r => View(r.Credential, r.Name, now))], page.Next)
                : throw new InvalidOperationException();
        }

        private async Task<long?> PositionAsync(string? after, CancellationToken cancellationToken)
        {
            if (after is null)
            {
                return null;
            }

            var id = new Domain.Access.CredentialId(after);
            return await db.Credentials.AsNoTracking().Where(c => c.Id == id).Select(c => (long?)c.ChangedSequence).SingleOrDefaultAsync(cancellationToken) ?? 0;
        }

        private static CredentialView View(Domain.Access.AccessCredential c, string principal, DateTimeOffset now) => new(
            c.Id.Value,
            principal,
            c.Connection,
            c.RevokedAt is not null ? "revoked" : c.ExpiresAt <= now ? "expired" : "active",
            c.GrantId?.Value,
            c.CreatedAt,
            c.ExpiresAt,
            c.RevokedAt);
    }
}
