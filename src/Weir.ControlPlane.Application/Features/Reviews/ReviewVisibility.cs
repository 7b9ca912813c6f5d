using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

internal static class ReviewVisibility
{
    /// <summary>To the one whose statement it is, the user it acts for, its reviewers, and whoever sees everything.</summary>
    public static bool IsVisibleTo(this Review review, Actor actor) =>
        actor.SeesEverything || review.PrincipalId == actor.PrincipalId || review.OnBehalfOf == actor.PrincipalId || review.Reviewers.Any(actor.Groups.Contains);
}
