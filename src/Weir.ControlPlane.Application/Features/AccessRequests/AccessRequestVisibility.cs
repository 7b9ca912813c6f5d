using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

internal static class AccessRequestVisibility
{
    /// <summary>To the one who asked, the user it asked for, its approvers, and whoever sees everything.</summary>
    public static bool IsVisibleTo(this AccessRequest request, Actor actor) =>
        actor.SeesEverything || request.PrincipalId == actor.PrincipalId || request.OnBehalfOf == actor.PrincipalId || request.Approvers.Any(actor.Groups.Contains);

    /// <summary>The one with that id. Who may not see it is told what one is told about an id that nobody has.</summary>
    /// <exception cref="NotFoundException">There is none, or not for this actor.</exception>
    public static async Task<AccessRequest> FindVisibleAsync(this IQueryable<AccessRequest> all, AccessRequestId id, Actor actor, CancellationToken cancellationToken)
    {
        var found = await all.SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        return found is not null && found.IsVisibleTo(actor) ? found : throw new NotFoundException("request", id.ToString());
    }
}
