namespace Weir.Agent.Reviews;

/// <summary>One statement's wait for a review.</summary>
/// <param name="ReviewId">The review; several tickets may wait for one.</param>
/// <param name="Url">Its address in the console, for the notice to the client; empty when the console's address isn't known.</param>
/// <param name="Joined">The review was open, or approved, before this statement came.</param>
/// <param name="Immediate">The statement was approved already, and this ticket holds the approval: there will be no callback. Null: wait.</param>
internal sealed record ReviewTicket(Guid ReviewId, string Url, bool Joined, ReviewOutcome? Immediate);
