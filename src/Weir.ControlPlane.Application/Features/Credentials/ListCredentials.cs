using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;

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
            var credentials = db.Credentials.AsNoTracking()
                .Where(c => request.All || (c.RevokedAt == null && c.ExpiresAt > now))
                .Where(c => request.Connection == null || c.Connection == request.Connection);
            if (request.After is not null)
            {
                var id = new CredentialId(request.After);
                var createdAt = await db.Credentials.AsNoTracking().Where(c => c.Id == id).Select(c => (DateTimeOffset?)c.CreatedAt).SingleOrDefaultAsync(cancellationToken)
                    ?? throw new ValidationFailedException("after", "This is not a position that a list has returned.");
                credentials = credentials.Where(c => EF.Functions.LessThan(ValueTuple.Create(c.CreatedAt, c.Id), ValueTuple.Create(createdAt, id)));
            }

            var rows = await (from c in credentials
                              join p in db.Principals.AsNoTracking() on c.PrincipalId equals p.Id
                              where everything || p.Id == me || p.OnBehalfOf == me
                              where request.Principal == null || p.Name == request.Principal
                              orderby c.CreatedAt descending, c.Id descending
                              select new { Credential = c, p.Name })
                .Take(request.Limit + 1)
                .ToListAsync(cancellationToken);
            var page = rows.ToPage(request.Limit, r => r.Credential.Id.Value);
            return new([.. page.Items.Select(r => View(r.Credential, r.Name, now))], page.Next);
        }

        private static CredentialView View(AccessCredential c, string principal, DateTimeOffset now) => new(
            c.Id.Value,
            principal,
            c.Connection,
            c.RevokedAt is not null ? "revoked" : c.ExpiresAt <= now ? "expired" : "active",
            c.GrantId?.Value,
            c.CreatedAt,
            c.ExpiresAt,
            c.RevokedAt,
            c.ClientKeyHash is { } key ? Convert.ToHexStringLower(key) : null);
    }
}
