namespace Weir.Agent.Sessions.Budgets;

/// <summary>What a budget limits.</summary>
internal enum BudgetMeasure
{
    RowsChanged,
    RowsRead,
    BytesRead,
}
