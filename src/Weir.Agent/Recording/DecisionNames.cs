using Weir.Contracts.Agent.V1;
using Weir.Policy.Decisions;

namespace Weir.Agent.Recording;

/// <summary>The names of verdicts and reasons in events and reviews.</summary>
internal static class DecisionNames
{
    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Allow => "allow",
        Verdict.Review => "review",
        _ => "deny",
    };

    public static string Of(ReasonSource source) => source switch
    {
        ReasonSource.Guardrail => "guardrail",
        ReasonSource.AccessLevel => "access_level",
        ReasonSource.MaskingRule => "masking_rule",
        ReasonSource.Budget => "budget",
        _ => "gateway",
    };

    public static Reason ToContract(DecisionReason reason) => new()
    {
        Source = Of(reason.Source),
        Rule = reason.Rule,
        Verdict = Of(reason.Verdict),
        Message = reason.Message,
        Hint = reason.Hint ?? "",
        IsShadow = reason.IsShadow,
    };
}
