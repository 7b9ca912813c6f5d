namespace Weir.Agent.Reviews;

/// <summary>A statement that waits for a review.</summary>
internal sealed record ReviewWaiter(ReviewTicket Ticket, ReviewDraft Draft, Action<ReviewOutcome> OnDecided);
