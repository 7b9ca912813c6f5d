namespace Weir.Policy.Decisions;

/// <summary>Which part of the policy gave a reason.</summary>
public enum ReasonSource
{
    Guardrail,
    AccessLevel,
    MaskingRule,
    Budget,

    /// <summary>The gateway itself: unparsable, too long, unknown construct, unsupported feature.</summary>
    Gateway,
}
