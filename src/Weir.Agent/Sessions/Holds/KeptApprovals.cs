using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Statements;
using Weir.Policy.Analysis;

namespace Weir.Agent.Sessions.Holds;

/// <summary>
/// Approvals for statements of one text that have stayed within them. They are used up when what they were for is certain to stay, and given back when a later statement of the text undoes all:
/// otherwise each attempt would use up what the next one needs.
/// </summary>
internal sealed class KeptApprovals(RelayState state)
{
    private readonly List<(long Statement, ReviewTicket Ticket)> _kept = [];

    /// <param name="statement">Its number in the recording.</param>
    public void Add(long statement, ReviewTicket ticket) => _kept.Add((statement, ticket));

    /// <summary>A statement of the text was carried out.</summary>
    public void After(StatementAnalysis? statement)
    {
        if (statement?.Transaction is TransactionAction.Rollback or TransactionAction.RollbackAndChain)
            GiveBack();
        else if (statement is not null && GatewayRules.EndsTransaction(statement))
            Use();
    }

    public void Use()
    {
        foreach (var (statement, ticket) in _kept)
            BudgetReview.Use(state, statement, ticket, forwarded: true);
        _kept.Clear();
    }

    public void GiveBack()
    {
        foreach (var (_, ticket) in _kept)
            state.Session.Services.Reviews.Abandon(ticket);
        _kept.Clear();
    }
}
