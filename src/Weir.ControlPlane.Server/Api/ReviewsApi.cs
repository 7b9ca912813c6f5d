using System.Runtime.CompilerServices;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class ReviewsApi
{
    public static void MapReviews(this RouteGroupBuilder api)
    {
        api.MapGet("/reviews", ([AsParameters] Paging page, bool? all, Caller caller) => caller.SendAsync(new ListReviews.Query(all ?? false, page.After, page.Size)))
            .WithSummary("Held statements that the caller may see: open ones, or all.");
        api.MapGet("/reviews/watch", (Caller caller, IClusterSignals signals) => TypedResults.ServerSentEvents(WatchAsync(caller, signals, caller.Aborted)))
            .WithSummary("Open reviews, then every change of one, as server-sent events.");
        api.MapGet("/reviews/{id:guid}", (Guid id, Caller caller) => caller.SendAsync(new GetReview.Query(id)));
        api.MapPost("/reviews/{id:guid}/approve", (Guid id, ApproveBody? body, Caller caller) => caller.SendAsync(new ApproveReview.Command(id, body?.Comment, body?.Window)))
            .WithSummary("One approval: of the statement, once, or with window of every statement of its shape for that long.");
        api.MapPost("/reviews/{id:guid}/reject", (Guid id, CommentBody? body, Caller caller) => caller.SendAsync(new RejectReview.Command(id, body?.Comment)));
        api.MapPost("/reviews/{id:guid}/withdraw", (Guid id, Caller caller) => caller.SendAsync(new WithdrawReview.Command(id)))
            .WithSummary("Takes back a review of one's own, or an approval that still holds.");
        api.MapGet("/reviews/{id:guid}/uses", (Guid id, [AsParameters] Paging page, Caller caller) => caller.SendAsync(new ListReviewUses.Query(id, page.After, page.Size)))
            .WithSummary("Statements that were held for it or passed under it, newest first.");
    }

    /// <param name="Comment">For whoever asked.</param>
    /// <param name="Window">How long every statement of the shape is approved for; absent for the statement, once.</param>
    internal sealed record ApproveBody(string? Comment = null, TimeSpan? Window = null);

    private static async IAsyncEnumerable<ReviewView> WatchAsync(Caller caller, IClusterSignals signals, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var signal in signals.FollowAsync(caller.Actor.Organization, cancellationToken))
        {
            if (signal is null)
            {
                foreach (var open in (await caller.SendAsync(new ListReviews.Query())).Items)
                {
                    yield return open;
                }
            }
            else if (signal is ReviewChanged changed && await FindAsync(caller, changed.Review.Value) is { } review)
            {
                yield return review;
            }
        }
    }

    private static async Task<ReviewView?> FindAsync(Caller caller, Guid id)
    {
        try
        {
            return await caller.SendAsync(new GetReview.Query(id));
        }
        catch (Exception hidden) when (hidden is NotFoundException or ForbiddenException)
        {
            return null;
        }
    }
}
