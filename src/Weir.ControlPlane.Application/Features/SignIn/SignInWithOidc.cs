using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.SignIn;

/// <summary>
/// A sign-in that an OpenID provider vouched for and the front door has checked. The user is recognised by issuer and subject, and made on first sight; the
/// groups of the claims replace those of the last sign-in.
/// </summary>
public static class SignInWithOidc
{
    /// <param name="Groups">Names from the groups claim.</param>
    /// <param name="Organization">Null where there is only one.</param>
    [RequirePermission(Permission.Anonymous)]
    public sealed record Command(string Issuer, string Subject, string Email, string? DisplayName, IReadOnlyList<string> Groups, string? Organization = null)
        : IRequest<SignInResult>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Issuer).NotEmpty().MaximumLength(500);
            RuleFor(c => c.Subject).NotEmpty().MaximumLength(255);
            RuleFor(c => c.Email).NotEmpty().EmailAddress().MaximumLength(Principal.MaxNameLength);
            RuleFor(c => c.DisplayName).MaximumLength(200);
            RuleFor(c => c.Groups).NotNull().MustBeGroupNames();
        }
    }

    internal sealed class Handler(
        WeirDbContext db,
        ActorScope scope,
        OrganizationEntry entry,
        GroupAssignment groups,
        PrincipalReader principals,
        ChangeJournal journal,
        TimeProvider time) : IRequestHandler<Command, SignInResult>
    {
        public async ValueTask<SignInResult> Handle(Command request, CancellationToken cancellationToken)
        {
            if (!await entry.TryEnterAsync(request.Organization, cancellationToken))
            {
                return new(null);
            }

            var now = time.GetUtcNow();
            var login = await db.ExternalLogins.SingleOrDefaultAsync(l => l.Issuer == request.Issuer && l.Subject == request.Subject, cancellationToken);
            PrincipalId id;
            if (login is null)
            {
                id = await CreateAsync(request, now, cancellationToken);
            }
            else
            {
                id = login.PrincipalId;
                login.SignedIn(now);
                var principal = await db.Principals.SingleAsync(p => p.Id == id, cancellationToken);
                if (principal.IsDisabled)
                {
                    journal.Audit("sign_in.failed", "principal", id.ToString(), null, null, ("method", "oidc"));
                    return new(null);
                }

                principal.Rename(request.DisplayName ?? principal.DisplayName);
            }

            if (await groups.ReplaceAsync(scope.Organization!.Value, id, request.Groups, MembershipSource.Oidc, cancellationToken) && login is not null)
            {
                journal.PrincipalChanged(id);
            }

            journal.Audit("sign_in.succeeded", "principal", id.ToString(), null, null, ("method", "oidc"), ("groups", string.Join(',', request.Groups)));
            await db.SaveChangesAsync(cancellationToken);
            return new(await principals.FindActorAsync(id, cancellationToken));
        }

        private async Task<PrincipalId> CreateAsync(Command request, DateTimeOffset now, CancellationToken cancellationToken)
        {
            var organization = scope.Organization!.Value;
            var name = Principal.NormalizeName(request.Email);
            if (await db.Principals.AnyAsync(p => p.Name == name, cancellationToken))
            {
                // An address proves nothing about who owned it here before: an account is never taken over by it.
                throw new ConflictException($"There is an account \"{name}\" already that does not belong to this sign-in. Ask an administrator.");
            }

            var id = PrincipalId.New(now);
            db.Principals.Add(Principal.User(organization, id, name, request.DisplayName ?? request.Email, now));
            db.ExternalLogins.Add(new ExternalLogin(organization, request.Issuer, request.Subject, id, now));
            journal.Audit("principal.create", "principal", id.ToString(), null, null, ("name", name), ("kind", "user"), ("issuer", request.Issuer));
            return id;
        }
    }
}
