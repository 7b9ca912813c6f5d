using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

public static class SetRoles
{
    /// <param name="Roles">Of administrator and auditor; empty for a mere member.</param>
    [RequirePermission(Permission.ChangePrincipals)]
    public sealed record Command(Guid PrincipalId, IReadOnlyList<string> Roles) : IRequest<PrincipalView>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleForEach(c => c.Roles).Must(r => WireName.Parse<Roles>(r) is not null).WithMessage("One of administrator, auditor, member.");
    }

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal, PrincipalReader reader) : IRequestHandler<Command, PrincipalView>
    {
        public async ValueTask<PrincipalView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new PrincipalId(request.PrincipalId);
            var principal = await db.Principals.SingleOrDefaultAsync(p => p.Id == id, cancellationToken) ?? throw new NotFoundException("principal", id.ToString());
            var roles = request.Roles.Aggregate(Roles.Member, (all, r) => all | WireName.Parse<Roles>(r)!.Value);
            if (principal.Roles.HasFlag(Roles.Administrator) && !roles.HasFlag(Roles.Administrator)
                && !await db.Principals.AnyAsync(p => p.Id != id && p.DisabledAt == null && (p.Roles & Roles.Administrator) != 0, cancellationToken))
            {
                throw new ConflictException("This is the last administrator.");
            }

            var before = PrincipalReader.RoleNames(principal.Roles);
            principal.SetRoles(roles);
            journal.Audit("principal.set_roles", "principal", id.ToString(), Digest.Of(before), Digest.Of(request.Roles), ("name", principal.Name), ("roles", string.Join(',', request.Roles)));
            return (await reader.ToViewsAsync([principal], cancellationToken))[0];
        }
    }
}
