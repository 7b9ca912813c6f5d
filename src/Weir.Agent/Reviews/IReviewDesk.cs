namespace Weir.Agent.Reviews;

/// <summary>
/// Holds statements for reviews. Thread-safe and never blocks. An approval passes one statement: whoever gets <see cref="ReviewOutcomeKind.Approved"/>
/// holds it until <see cref="Consumed"/>; of several tickets waiting for one review the first gets the approval and the others go on waiting in a review of their own.
/// </summary>
internal interface IReviewDesk
{
    /// <summary>Asks for a review, or joins the open one with the same binding (same exact text, parameters, principal, connection, surroundings and rules).</summary>
    /// <param name="onDecided">Called at most once, on an arbitrary thread, possibly before this method returns; never when <see cref="ReviewTicket.Immediate"/> is set.</param>
    ReviewTicket Request(ReviewDraft draft, Action<ReviewOutcome> onDecided);

    /// <summary>The approval of a review with the same binding that nobody holds; null when there is none. Nothing is asked for.</summary>
    ReviewTicket? TryUse(ReviewDraft draft);

    /// <summary>Asks for a review that no statement waits for, or joins the open one: the same statement sent again may use its approval.</summary>
    ReviewTicket Offer(ReviewDraft draft);

    /// <summary>The statement does not wait any more (cancelled, timed out, client gone). No callback comes afterwards. The review stays open; an approval that this ticket holds unused is given back.</summary>
    void Abandon(ReviewTicket ticket);

    /// <summary>The approval that this ticket holds was used.</summary>
    /// <param name="forwarded">False: it could not be used after all (the rules or the surroundings changed); it is gone nevertheless.</param>
    void Consumed(ReviewTicket ticket, bool forwarded);
}
