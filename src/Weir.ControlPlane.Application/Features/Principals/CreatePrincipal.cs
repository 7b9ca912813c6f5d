using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

public static class CreatePrincipal
{
    /// <param name="Kind">user, service_account or ai_agent.</param>
    /// <param name="Name">E-mail address of a user; name of a service account or AI agent.</param>
    /// <param name="OnBehalfOf">Name of the user for whom an AI agent acts; only and always for one.</param>
    /// <param name="Password">For a user who signs in locally.</param>
    [RequirePermission(Permission.ChangePrincipals)]
    public sealed record Command(
        string Kind,
        string Name,
        string? DisplayName = null,
        IReadOnlyList<string>? Groups = null,
        string? OnBehalfOf = null,
        string? Password = null) : IRequest<PrincipalView>
    {
        public override string ToString() => $"create {Kind} {Name}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Kind).Must(k => WireName.Parse<PrincipalKind>(k) is not null).WithMessage("One of user, service_account, ai_agent.");
            RuleFor(c => c.Name).NotEmpty().MaximumLength(Principal.MaxNameLength);
            RuleFor(c => c.Name).EmailAddress().When(c => c.Kind == "user");
            RuleFor(c => c.Name).Matches("^[A-Za-z0-9][A-Za-z0-9._-]*$").When(c => c.Kind != "user").WithMessage("Letters, digits, '.', '_' and '-' only.");
            RuleFor(c => c.DisplayName).MaximumLength(200);
            RuleFor(c => c.Groups).MustBeGroupNames();
            RuleFor(c => c.OnBehalfOf).NotEmpty().When(c => c.Kind == "ai_agent").WithMessage("An AI agent acts on behalf of a user: name it.");
            RuleFor(c => c.OnBehalfOf).Null().When(c => c.Kind != "ai_agent").WithMessage("Only an AI agent acts on behalf of somebody.");
            RuleFor(c => c.Password).Null().When(c => c.Kind != "user").WithMessage("Only users have passwords.");
            RuleFor(c => c.Password).MustBePassword();
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, GroupAssignment groups, TimeProvider time)
        : IRequestHandler<Command, PrincipalView>
    {
        public async ValueTask<PrincipalView> Handle(Command request, CancellationToken cancellationToken)
        {
            var organization = scope.Organization!.Value;
            var now = time.GetUtcNow();
            var name = Principal.NormalizeName(request.Name);
            if (await db.Principals.AnyAsync(p => p.Name == name, cancellationToken))
            {
                throw new ConflictException($"There is a principal \"{name}\" already.");
            }

            Principal? user = null;
            if (request.OnBehalfOf is { } onBehalfOf)
            {
                var userName = Principal.NormalizeName(onBehalfOf);
                user = await db.Principals.SingleOrDefaultAsync(p => p.Name == userName && p.Kind == PrincipalKind.User, cancellationToken)
                    ?? throw new ValidationFailedException("onBehalfOf", $"There is no user \"{userName}\".");
            }

            var id = PrincipalId.New(now);
            var principal = WireName.Parse<PrincipalKind>(request.Kind) switch
            {
                PrincipalKind.User => Principal.User(organization, id, name, request.DisplayName ?? request.Name, now),
                PrincipalKind.ServiceAccount => Principal.ServiceAccount(organization, id, name, now),
                _ => Principal.AiAgent(organization, id, name, user!, now),
            };
            if (request.DisplayName is { } displayName)
            {
                principal.Rename(displayName);
            }

            db.Principals.Add(principal);
            await groups.ReplaceAsync(organization, id, request.Groups ?? [], MembershipSource.Local, cancellationToken);
            if (request.Password is { } password)
            {
                db.LocalLogins.Add(new LocalLogin(organization, id, PasswordHash.Create(password), now));
            }

            var names = (request.Groups ?? []).Distinct().Order(StringComparer.Ordinal).ToList();
            journal.Audit("principal.create", "principal", id.ToString(), null, Digest.Of([name, .. names]), ("name", name), ("kind", request.Kind), ("groups", string.Join(',', names)), ("onBehalfOf", user?.Name));
            return new(id.Value, name, principal.DisplayName, WireName.Of(principal.Kind), user?.Name, names, [], false, now);
        }
    }
}
