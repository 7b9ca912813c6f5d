using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

/// <summary>Replaces a principal's local memberships; those that the identity provider gave stay.</summary>
public static class SetGroups
{
    [RequirePermission(Permission.ChangePrincipals)]
    public sealed record Command(Guid PrincipalId, IReadOnlyList<string> Groups) : IRequest<PrincipalView>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Groups).NotNull().MustBeGroupNames();
    }

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal, GroupAssignment groups, PrincipalReader reader) : IRequestHandler<Command, PrincipalView>
    {
        public async ValueTask<PrincipalView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new PrincipalId(request.PrincipalId);
            var principal = await db.Principals.SingleOrDefaultAsync(p => p.Id == id, cancellationToken) ?? throw new NotFoundException("principal", id.ToString());
            var before = await reader.GroupsOfAsync(id, cancellationToken);
            if (await groups.ReplaceAsync(principal.OrganizationId, id, request.Groups, MembershipSource.Local, cancellationToken))
            {
                journal.PrincipalChanged(id);
                journal.Audit("principal.set_groups", "principal", id.ToString(), Digest.Of(before), Digest.Of(request.Groups), ("name", principal.Name), ("groups", string.Join(',', request.Groups)));
            }

            await db.SaveChangesAsync(cancellationToken);
            return (await reader.ToViewsAsync([principal], cancellationToken))[0];
        }
    }
}
