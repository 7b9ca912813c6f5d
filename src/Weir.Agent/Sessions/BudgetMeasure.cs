namespace Weir.Agent.Sessions;

/// <summary>What a budget limits.</summary>
internal enum BudgetMeasure
{
    RowsChanged,
    RowsRead,
    BytesRead,
}
