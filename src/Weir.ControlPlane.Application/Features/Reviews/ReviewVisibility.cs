using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

internal static class ReviewVisibility
{
    /// <summary>To the one whose statement it is, the user it acts for, its reviewers, and whoever sees everything.</summary>
    public static bool IsVisibleTo(this Review review, Actor actor) =>
        actor.SeesEverything || review.PrincipalId == actor.PrincipalId || review.OnBehalfOf == actor.PrincipalId || review.Reviewers.Any(actor.Groups.Contains);

    /// <summary>The one with that id. Who may not see it is told what one is told about an id that nobody has.</summary>
    /// <exception cref="NotFoundException">There is none, or not for this actor.</exception>
    public static async Task<Review> FindVisibleAsync(this IQueryable<Review> all, ReviewId id, Actor actor, CancellationToken cancellationToken)
    {
        var found = await all.SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        return found is not null && found.IsVisibleTo(actor) ? found : throw new NotFoundException("review", id.ToString());
    }
}
