namespace Weir.Policy.Decisions;

/// <summary>What a refused client is told (fields of ErrorResponse).</summary>
/// <param name="SqlState">SQLSTATE.</param>
/// <param name="Message">Field M.</param>
/// <param name="Hint">Field H: what to do next.</param>
/// <param name="ConstraintName">Field n: the guardrail's name; null for other sources.</param>
public sealed record Denial(string SqlState, string Message, string? Hint, string? ConstraintName)
{
    /// <summary>The denial of a decision whose verdict is <see cref="Verdict.Deny"/>.</summary>
    public static Denial Of(Decision decision) => throw new NotImplementedException();

    /// <summary>The denial that one reason gives.</summary>
    public static Denial Of(DecisionReason reason) => throw new NotImplementedException();
}
