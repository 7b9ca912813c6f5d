using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Tokens;

public static class CreateToken
{
    public static readonly TimeSpan DefaultTtl = TimeSpan.FromDays(30);
    public static readonly TimeSpan MaxTtl = TimeSpan.FromDays(366);

    /// <param name="Ttl">How long it is valid; null for 30 days.</param>
    /// <param name="Principal">Name of the principal it is for; null for the actor. Others' only by an administrator, for machines; one's own AI agents' by their user.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Command(string Name, TimeSpan? Ttl = null, string? Principal = null) : IRequest<Response>;

    /// <param name="Token">Shown this once.</param>
    public sealed record Response(Guid Id, string Token, string Name, string Principal, DateTimeOffset ExpiresAt)
    {
        public override string ToString() => $"token {Id}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Name).NotEmpty().MaximumLength(100);
            RuleFor(c => c.Ttl).Must(t => t is null || (t > TimeSpan.Zero && t <= MaxTtl)).WithMessage($"More than nothing and at most {MaxTtl.Days} days.");
            RuleFor(c => c.Principal).MaximumLength(Domain.Principals.Principal.MaxNameLength);
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var actor = scope.Actor;
            var now = time.GetUtcNow();
            var name = request.Principal is null ? actor.Name : Domain.Principals.Principal.NormalizeName(request.Principal);
            var principal = await db.Principals.SingleOrDefaultAsync(p => p.Name == name, cancellationToken);
            if (principal is null || !MayCreateFor(actor, principal))
            {
                // Who may not do it does not learn who exists.
                throw new ForbiddenException("You make tokens for yourself and your AI agents; an administrator also for service accounts and AI agents.");
            }

            if (principal.IsDisabled)
            {
                throw new ConflictException("This principal is disabled.");
            }

            var secret = BearerSecret.Create(BearerSecret.ApiTokenPrefix);
            var token = new ApiToken(
                principal.OrganizationId, ApiTokenId.New(now), principal.Id, request.Name, secret.ShownPrefix, secret.Hash, now, now + (request.Ttl ?? DefaultTtl));
            db.ApiTokens.Add(token);
            journal.Audit("token.create", "token", token.Id.ToString(), null, null, ("principal", principal.Name), ("name", token.Name));
            return new(token.Id.Value, secret.Text, token.Name, principal.Name, token.ExpiresAt);
        }

        // An administrator must not be able to act as another person: that would sign their name under approvals.
        private static bool MayCreateFor(Actor actor, Principal principal) =>
            principal.Id == actor.PrincipalId
            || principal.OnBehalfOf == actor.PrincipalId
            || (actor.IsAdministrator && principal.Kind != PrincipalKind.User);
    }
}
