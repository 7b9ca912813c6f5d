using Weir.Agent.Sessions.Statements;
using Weir.Policy.Compilation;

namespace Weir.Agent.Sessions.Budgets;

/// <summary>What budgets have to do with one statement that runs.</summary>
/// <param name="origin">The result that its rows belong to.</param>
/// <param name="approvedRows">Changed rows up to which people have waived budgets when they let the statement pass.</param>
/// <param name="shownRows">Changed rows that people were shown when they let it pass: what has become more is undone; null without such a limit.</param>
internal sealed class BudgetRun(ReadCount origin, long approvedRows, long? shownRows = null)
{
    private List<(BudgetRule Rule, BudgetMeasure Measure, long Amount)>? _approved;

    public ReadCount Origin { get; } = origin;

    public long ApprovedRows { get; } = approvedRows;

    public long? ShownRows { get; } = shownRows;

    /// <summary>Rows that may still come back in all of this statement; null without a limit.</summary>
    public long? RowsLeft { get; set; }

    /// <inheritdoc cref="RowsLeft"/>
    public long? BytesLeft { get; set; }

    /// <summary>The Execute was given a lower row limit than the client asked for (0: none): its portal, and what the client asked for. Null otherwise.</summary>
    public (byte[] Portal, int Asked)? Cut { get; set; }

    /// <summary>The client's Execute was carried out in two.</summary>
    public bool IsSplit { get; set; }

    /// <summary>Bytes returned by this statement so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Rows and bytes that came after a budget was exceeded and were not sent.</summary>
    public long WithheldRows { get; private set; }

    public long WithheldBytes { get; private set; }

    /// <summary>The budget on what is read that was exceeded; null while none was.</summary>
    public (BudgetRule Rule, BudgetMeasure Measure)? Exceeded { get; set; }

    public bool CountsReads => RowsLeft is not null || BytesLeft is not null;

    public void Sent(int bytes) => Bytes += bytes;

    public void Withheld(int bytes)
    {
        WithheldRows++;
        WithheldBytes += bytes;
    }

    /// <summary>How much people have agreed to above the limit of this budget; 0 for nothing.</summary>
    public long ApprovedFor(BudgetRule rule, BudgetMeasure measure)
    {
        foreach (var approved in _approved ?? [])
        {
            if (ReferenceEquals(approved.Rule, rule) && approved.Measure == measure)
                return approved.Amount;
        }

        return 0;
    }

    public void Approve(BudgetRule rule, BudgetMeasure measure, long amount) => (_approved ??= []).Add((rule, measure, amount));
}
