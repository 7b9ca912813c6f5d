using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

/// <summary>Lets a principal in again; what was revoked stays revoked.</summary>
public static class EnablePrincipal
{
    [RequirePermission(Permission.ChangePrincipals)]
    public sealed record Command(Guid PrincipalId) : IRequest<PrincipalView>;

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal, PrincipalReader reader) : IRequestHandler<Command, PrincipalView>
    {
        public async ValueTask<PrincipalView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new PrincipalId(request.PrincipalId);
            var principal = await db.Principals.SingleOrDefaultAsync(p => p.Id == id, cancellationToken) ?? throw new NotFoundException("principal", id.ToString());
            principal.Enable();
            journal.Audit("principal.enable", "principal", id.ToString(), null, null, ("name", principal.Name));
            return (await reader.ToViewsAsync([principal], cancellationToken))[0];
        }
    }
}
