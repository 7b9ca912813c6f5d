namespace Weir.Policy.Decisions;

/// <summary>What a refused client is told (fields of ErrorResponse).</summary>
/// <param name="SqlState">SQLSTATE.</param>
/// <param name="Message">Field M.</param>
/// <param name="Hint">Field H: what to do next.</param>
/// <param name="ConstraintName">Field n: the name of the guardrail or masking rule; null for other sources.</param>
public sealed record Denial(string SqlState, string Message, string? Hint, string? ConstraintName)
{
    /// <summary>SQLSTATE insufficient_privilege.</summary>
    public const string InsufficientPrivilege = "42501";

    /// <summary>The denial of a decision whose verdict is <see cref="Verdict.Deny"/>.</summary>
    public static Denial Of(Decision decision)
    {
        foreach (var reason in decision.Reasons)
        {
            if (!reason.IsShadow && reason.Verdict == Verdict.Deny)
                return Of(reason);
        }

        throw new ArgumentException("The decision denies nothing.", nameof(decision));
    }

    /// <summary>The denial that one reason gives.</summary>
    public static Denial Of(DecisionReason reason) => reason.Source switch
    {
        ReasonSource.Guardrail => new(InsufficientPrivilege, $"weir: denied by guardrail \"{reason.Rule}\": {reason.Message}", reason.Hint, reason.Rule),
        ReasonSource.AccessLevel => new(InsufficientPrivilege, $"weir: denied by access level \"{reason.Rule}\": {reason.Message}", reason.Hint, null),
        ReasonSource.MaskingRule => new(InsufficientPrivilege, $"weir: denied by masking rule \"{reason.Rule}\": {reason.Message}", reason.Hint, reason.Rule),
        ReasonSource.Budget => new("54000", $"weir: over the budget of guardrail \"{reason.Rule}\": {reason.Message}", reason.Hint, reason.Rule),
        _ => new(InsufficientPrivilege, $"weir: {reason.Message}", reason.Hint, null),
    };
}
