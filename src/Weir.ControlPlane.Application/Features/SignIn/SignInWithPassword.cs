using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.SignIn;

/// <summary>A local sign-in. A wrong password, an unknown user and a locked login look and last the same.</summary>
public static class SignInWithPassword
{
    /// <param name="Organization">Null where there is only one.</param>
    [RequirePermission(Permission.Anonymous)]
    public sealed record Command(string Email, string Password, string? Organization = null) : IRequest<SignInResult>
    {
        public override string ToString() => "sign in";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Email).NotEmpty().MaximumLength(Principal.MaxNameLength);
            RuleFor(c => c.Password).NotEmpty().MaximumLength(200);
            RuleFor(c => c.Organization).MaximumLength(63);
        }
    }

    internal sealed class Handler(WeirDbContext db, OrganizationEntry entry, PrincipalReader principals, ChangeJournal journal, TimeProvider time)
        : IRequestHandler<Command, SignInResult>
    {
        public async ValueTask<SignInResult> Handle(Command request, CancellationToken cancellationToken)
        {
            var login = await entry.TryEnterAsync(request.Organization, cancellationToken) ? await FindAsync(request.Email, cancellationToken) : null;
            var matches = PasswordHash.Verify(login?.PasswordHash ?? PasswordHash.OfNobody, request.Password);
            if (login is null)
            {
                return new(null);
            }

            var now = time.GetUtcNow();
            if (login.IsLocked(now))
            {
                return new(null);
            }

            var actor = matches ? await principals.FindActorAsync(login.PrincipalId, cancellationToken) : null;
            if (actor is null)
            {
                login.Failed(now);
                journal.Audit("sign_in.failed", "principal", login.PrincipalId.ToString(), null, null, ("method", "password"), ("lockedUntil", login.LockedUntil?.ToString("O")));
                return new(null);
            }

            login.Succeeded();
            journal.Audit("sign_in.succeeded", "principal", login.PrincipalId.ToString(), null, null, ("method", "password"), ("name", actor.Name));
            return new(actor);
        }

        // Locked, so that guesses sent at once are counted one by one.
        private async Task<LocalLogin?> FindAsync(string email, CancellationToken cancellationToken)
        {
            var name = Principal.NormalizeName(email);
            var id = await db.Principals.AsNoTracking().Where(p => p.Name == name && p.Kind == PrincipalKind.User).Select(p => (PrincipalId?)p.Id).SingleOrDefaultAsync(cancellationToken);
            return id is null
                ? null
                : await db.LocalLogins.FromSql($"SELECT *, xmin FROM local_logins WHERE principal_id = {id.Value.Value} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        }
    }
}
