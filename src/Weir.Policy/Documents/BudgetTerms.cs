namespace Weir.Policy.Documents;

/// <summary>Limits on what a statement, transaction or session really changes or reads; null is no limit.</summary>
public sealed record BudgetTerms(long? RowsChanged, long? RowsRead, long? BytesRead, BudgetScope Per, BudgetExceeded OnExceed);
