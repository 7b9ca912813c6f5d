namespace Weir.Agent.Reviews;

/// <summary>One statement's wait for a review. Known by identity: two waits for one review are two tickets.</summary>
internal sealed class ReviewTicket(Guid reviewId, string url, bool joined, ReviewOutcome? immediate)
{
    /// <summary>The review; several tickets may wait for one. Another one, when a statement that waited too took the approval.</summary>
    public Guid ReviewId { get; private set; } = reviewId;

    /// <summary>Its address in the console, for the notice to the client; empty when the console's address isn't known.</summary>
    public string Url { get; private set; } = url;

    /// <summary>The review was open, or approved, before this statement came.</summary>
    public bool Joined => joined;

    /// <summary>The statement was approved already, and this ticket holds the approval: there will be no callback. Null: wait.</summary>
    public ReviewOutcome? Immediate => immediate;

    /// <summary>Passed under an approval for a while, which is not used up by it.</summary>
    public bool IsCovered { get; internal set; }

    /// <summary>The ticket waits for another review from now on.</summary>
    internal void MoveTo(Guid otherReview, string otherUrl)
    {
        ReviewId = otherReview;
        Url = otherUrl;
    }
}
