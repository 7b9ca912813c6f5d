using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Holds;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Budgets;

/// <summary>
/// A statement over a budget that people may agree to. What it did is known by then and can't be kept while they think: it is rolled back, a review is opened
/// with its true count, and the same statement sent again passes once when that was approved, as far as the count that was shown.
/// </summary>
internal static class BudgetReview
{
    /// <summary>In place of a table's name: rows, or bytes, that the statement would have returned.</summary>
    public const string RowsReturned = "(rows returned)";
    public const string BytesReturned = "(bytes returned)";

    private const int MaxShownTables = 5;

    /// <summary>The approval of an earlier attempt; null when there is none. Whoever gets it consumes it.</summary>
    public static ReviewTicket? TryUse(RelayState state, in InFlight entry, BudgetRule rule, BudgetMeasure measure) =>
        rule.Terms.OnExceed == BudgetExceeded.Review && CanBeReviewed(entry, measure)
            ? state.Session.Services.Reviews.TryUse(DraftOf(state, entry, rule, measure, "", ImmutableSortedDictionary<string, long>.Empty))
            : null;

    /// <summary>The approval is used up.</summary>
    /// <param name="statement">Its number in the recording.</param>
    /// <param name="forwarded">False: it was for less than the statement did.</param>
    public static void Use(RelayState state, long statement, ReviewTicket ticket, bool forwarded)
    {
        state.Session.Services.Reviews.Consumed(ticket, forwarded);
        if (forwarded)
            state.Recording.Review(statement, new ReviewMoment(ticket.ReviewId, ReviewStep.Consumed));
    }

    /// <summary>Opens the review, or joins the one that is open.</summary>
    /// <param name="counts">Rows by table, or what <see cref="RowsReturned"/> and <see cref="BytesReturned"/> name.</param>
    /// <param name="failure">The error of the budget.</param>
    /// <returns>The error that tells of the review.</returns>
    public static Diagnostic Offer(RelayState state, in InFlight entry, BudgetRule rule, BudgetMeasure measure, IReadOnlyDictionary<string, long> counts, Diagnostic failure)
    {
        if (!CanBeReviewed(entry, measure))
            return failure with { Hint = "Everything was rolled back. Several statements in one text can't be reviewed for what they return, because that is sent before the last of them has run: send this one alone." };
        if (!IsAlone(entry))
            failure = failure with { Message = string.Create(CultureInfo.InvariantCulture, $"{failure.Message} (statement {entry.Done + 1} of {entry.Judgement!.Statements.Length} in the text)") };
        var shown = counts.ToImmutableSortedDictionary(StringComparer.Ordinal);
        var ticket = state.Session.Services.Reviews.Offer(DraftOf(state, entry, rule, measure, failure.Message, shown));
        state.Recording.Review(entry.FirstStatement + entry.Done, new ReviewMoment(ticket.ReviewId, ticket.Joined ? ReviewStep.Joined : ReviewStep.Opened));
        var what = ticket.Joined ? "is still open" : "was opened";
        return failure with
        {
            Detail = "What it came to: " + string.Join(", ", shown.OrderByDescending(c => c.Value).Take(MaxShownTables).Select(c => string.Create(CultureInfo.InvariantCulture, $"{NameOf(c.Key)} {c.Value}")))
                + (shown.Count > MaxShownTables ? ", …" : ""),
            Hint = $"Everything was rolled back. Review {ticket.ReviewId} {what}: send the same statement again when it is approved" + (ticket.Url.Length > 0 ? $": {ticket.Url}" : "."),
        };
    }

    private static string NameOf(string key) => key.Length > 0 ? key : "rows";

    private static bool CanBeReviewed(in InFlight entry, BudgetMeasure measure) => measure == BudgetMeasure.RowsChanged || IsAlone(entry);

    private static bool IsAlone(in InFlight entry) => entry.Judgement!.Statements.Length == 1;

    private static ReviewDraft DraftOf(RelayState state, in InFlight entry, BudgetRule rule, BudgetMeasure measure, string message, ImmutableSortedDictionary<string, long> counts)
    {
        var judgement = entry.Judgement!;
        var terms = rule.Review ?? ReviewTerms.Default;
        var reason = new DecisionReason(ReasonSource.Budget, rule.Guardrail, Verdict.Review, message, null);
        var asked = judgement.With(judgement.Decision with { Reasons = [reason, .. judgement.Decision.Reasons], Review = terms, Digest = DigestOf(judgement.Decision, rule, terms, measure, IsAlone(entry) ? 0 : entry.Done + 1) }, null);
        var portal = entry.Portal;
        return ReviewDrafts.Of(state, asked, portal is null ? ParameterList.None : portal.Parameters, portal?.ExactParameters() ?? [], entry.FirstStatement + entry.Done) with { Effect = new DryRunEffect(counts, null) };
    }

    /// <summary>An approval is worth something for the budget that it was asked for, as that was then.</summary>
    /// <param name="statement">Number of the statement in its text; 0 when it is the only one.</param>
    private static byte[] DigestOf(Decision decision, BudgetRule rule, ReviewTerms terms, BudgetMeasure measure, int statement) =>
        SHA256.HashData([
            .. decision.Digest.Span,
            .. Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"budget\n{rule.Guardrail}\n{measure}\n{rule.Terms.Per}\n{rule.Terms.RowsChanged}\n{rule.Terms.RowsRead}\n{rule.Terms.BytesRead}\n{terms.Approvals}\n{string.Join('\n', terms.Reviewers)}{(statement > 0 ? $"\nstatement {statement}" : "")}")),
        ]);
}
