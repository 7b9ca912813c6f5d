using Weir.Agent.Reviews;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Budgets;

/// <summary>Holds what a statement has changed or returned against the budgets, and against what people have agreed to.</summary>
internal static class BudgetCheck
{
    /// <summary>Whether one more row may go to the client; sets the entry's failure when it may not.</summary>
    /// <param name="bytes">Its length.</param>
    public static void Read(RelayState state, ref InFlight head, BudgetRun budget, int bytes)
    {
        while (true)
        {
            BudgetMeasure measure;
            if (budget.RowsLeft <= head.Rows)
                measure = BudgetMeasure.RowsRead;
            else if (budget.BytesLeft < budget.Bytes + bytes)
                measure = BudgetMeasure.BytesRead;
            else
                return;
            var judgement = head.Judgement!;
            var rule = state.Budgets.TightestRead(judgement, budget, measure);
            if (BudgetReview.TryUse(state, head, rule, measure) is { } ticket)
            {
                var needed = measure == BudgetMeasure.RowsRead ? budget.Origin.Rows + head.Rows + 1 : budget.Origin.Bytes + budget.Bytes + bytes;
                var approved = ticket.Immediate?.ApprovedRows ?? 0;
                BudgetReview.Use(state, head.FirstStatement + head.Done, ticket, forwarded: approved >= needed);
                if (approved >= needed)
                {
                    budget.Approve(rule, measure, approved);
                    state.Budgets.SetLimits(judgement, budget);
                    continue;
                }
            }

            head.Failure = BudgetMeter.ReadExceeded(rule, measure, head.Rows);
            budget.Exceeded = (rule, measure);
            return;
        }
    }

    /// <summary>The error of a statement that has ended: with the review that it may be approved in, if it exceeded a budget on what is read that asks for one.</summary>
    public static Diagnostic? OfferRead(RelayState state, in InFlight entry)
    {
        if (entry is not { Failure: { } failure, Budget: { Exceeded: var (rule, measure) } budget } || rule.Terms.OnExceed != BudgetExceeded.Review)
            return entry.Failure;
        var isBytes = measure == BudgetMeasure.BytesRead;
        var total = isBytes ? budget.Origin.Bytes + budget.WithheldBytes : budget.Origin.Rows + budget.WithheldRows;
        var counts = new Dictionary<string, long> { [isBytes ? BudgetReview.BytesReturned : BudgetReview.RowsReturned] = total };
        return BudgetReview.Offer(state, entry, rule, measure, counts, failure);
    }

    /// <summary>Holds what a statement has changed against the budgets, and adds it to what was changed before.</summary>
    /// <param name="tables">Changed rows by table, as the server counted them.</param>
    /// <param name="tagged">Changed rows by the command tag, which also counts what the server's count leaves out.</param>
    public static Diagnostic? Changes(RelayState state, in InFlight entry, Dictionary<string, long> tables, long tagged)
    {
        var rows = tables.Values.Sum();
        if (tagged > rows)
        {
            tables[""] = tagged - rows;
            rows = tagged;
        }

        if (BudgetMeter.MoreThanShown(entry, rows) is { } larger)
            return larger;
        var desk = state.Session.Services.Reviews;
        var tickets = new List<ReviewTicket>();
        foreach (var rule in state.Budgets.ExceededBy(entry.Judgement!, rows, entry.Budget!.ApprovedRows))
        {
            if (BudgetReview.TryUse(state, entry, rule, BudgetMeasure.RowsChanged) is { } ticket)
            {
                if (ticket.Immediate?.ApprovedRows >= rows)
                {
                    tickets.Add(ticket);
                    continue;
                }

                BudgetReview.Use(state, entry.FirstStatement + entry.Done, ticket, forwarded: false);
            }

            // Every budget needs its own approval; those that are there already are kept for the next attempt.
            foreach (var unused in tickets)
                desk.Abandon(unused);
            var failure = state.Budgets.ChangeExceeded(rule, rows);
            return rule.Terms.OnExceed == BudgetExceeded.Review ? BudgetReview.Offer(state, entry, rule, BudgetMeasure.RowsChanged, tables, failure) : failure;
        }

        foreach (var ticket in tickets)
            state.Guard.Approved(entry, ticket);
        state.Budgets.Change(rows);
        return null;
    }
}
