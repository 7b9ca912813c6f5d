using System.Collections.Immutable;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions;

/// <summary>
/// A statement over a budget that people may agree to. What it did is known by then and can't be kept while they think: it is rolled back, the review is
/// opened with what it changed, and the same statement sent again passes once it is approved.
/// </summary>
internal static class BudgetReview
{
    /// <param name="failure">The error of the budget.</param>
    /// <returns>Null when it was approved before, for as many rows; else the error, with the address of the review.</returns>
    public static Diagnostic? Ask(RelayState state, in InFlight entry, BudgetRule budget, long rows, Diagnostic failure)
    {
        var judgement = entry.Judgement!;
        if (judgement.Statements.Length != 1)
            return failure with { Hint = "Send the statement alone to have it reviewed." };
        var parameters = entry.Portal is { } portal ? portal.Parameters : ParameterList.None;
        var reason = new DecisionReason(ReasonSource.Budget, budget.Guardrail, Verdict.Review, failure.Message, null);
        var terms = budget.Review ?? ReviewTerms.Default;
        var asked = judgement.With(judgement.Decision with { Reasons = [reason, .. judgement.Decision.Reasons], Review = terms }, null);
        var draft = ReviewDrafts.Of(state, asked, parameters, parameters.Source, entry.FirstStatement) with
        {
            Effect = new DryRunEffect(ImmutableSortedDictionary<string, long>.Empty.Add("", rows), null),
        };
        var desk = state.Session.Services.Reviews;
        var ticket = desk.Request(draft, static _ => { });
        if (ticket.Immediate is { ApprovedRows: { } approved } && approved >= rows)
        {
            desk.Consumed(ticket, forwarded: true);
            state.Recording.Review(entry.FirstStatement, new ReviewMoment(ticket.ReviewId, ReviewStep.Consumed));
            state.Budgets.AddApproved(rows);
            return null;
        }

        if (ticket.Immediate is not null)
            desk.Consumed(ticket, forwarded: false);
        else
            desk.Abandon(ticket);
        state.Recording.Review(entry.FirstStatement, new ReviewMoment(ticket.ReviewId, ticket.Joined ? ReviewStep.Joined : ReviewStep.Opened));
        return failure with
        {
            Hint = $"Everything was rolled back. Review {ticket.ReviewId} was opened: send the same statement again when it is approved" + (ticket.Url.Length > 0 ? $": {ticket.Url}" : "."),
        };
    }
}
