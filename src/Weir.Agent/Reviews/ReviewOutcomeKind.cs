namespace Weir.Agent.Reviews;

internal enum ReviewOutcomeKind
{
    Approved,
    Rejected,
    Expired,

    /// <summary>The review was withdrawn in the control plane.</summary>
    Withdrawn,
}
