namespace Weir.ControlPlane.Domain.Reviews;

/// <summary>The statement that waits, and what a reviewer is shown about it. An approval is bound to <paramref name="Binding"/> alone.</summary>
/// <param name="Statement">Its number in the session.</param>
/// <param name="Binding">HMAC over text, parameters, principal, connection and rules, made by the agent.</param>
/// <param name="Context">What the client said about itself: purpose, ticket.</param>
/// <param name="EstimatedRows">The planner's estimate.</param>
/// <param name="RowsChanged">What a dry run really changed, by relation; null when there was none.</param>
/// <param name="NotRunBecause">Why there was no dry run.</param>
public sealed record HeldStatement(
    Guid SessionId,
    long Statement,
    string Connection,
    string Text,
    IReadOnlyList<string> Parameters,
    IReadOnlyList<DecisionReason> Reasons,
    ReadOnlyMemory<byte> Binding,
    IReadOnlyDictionary<string, string> Context,
    IReadOnlyList<string> Relations,
    IReadOnlyList<string> SensitiveColumns,
    double? EstimatedRows,
    IReadOnlyDictionary<string, long>? RowsChanged,
    string? NotRunBecause)
{
    /// <summary>Some of the rows that a dry run changed, masked by the agent; null when there are none.</summary>
    public IReadOnlyList<SampleRows>? Samples { get; init; }

    /// <summary>What may be approved for a while instead; null when only the statement itself.</summary>
    public StatementShape? Shape { get; init; }
}
