namespace Weir.ControlPlane.Domain.Reviews;

/// <summary>Some rows of one table as they were before a dry run and as they became, masked by the agent. Values are text; null for NULL.</summary>
/// <param name="Before">Of inserted rows none. In no certain order, as <paramref name="After"/>.</param>
/// <param name="After">Of deleted rows none.</param>
public sealed record SampleRows(
    string Relation,
    IReadOnlyList<string> Columns,
    IReadOnlyList<IReadOnlyList<string?>> Before,
    IReadOnlyList<IReadOnlyList<string?>> After);
