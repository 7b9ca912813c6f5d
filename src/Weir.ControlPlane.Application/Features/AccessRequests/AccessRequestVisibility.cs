using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

internal static class AccessRequestVisibility
{
    /// <summary>To the one who asked, the user it asked for, its approvers, and whoever sees everything.</summary>
    public static bool IsVisibleTo(this AccessRequest request, Actor actor) =>
        actor.SeesEverything || request.PrincipalId == actor.PrincipalId || request.OnBehalfOf == actor.PrincipalId || request.Approvers.Any(actor.Groups.Contains);
}
