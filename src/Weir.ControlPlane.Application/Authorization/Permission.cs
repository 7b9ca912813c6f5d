namespace Weir.ControlPlane.Application.Authorization;

/// <summary>What a request needs. A handler may narrow further: a member sees its own sessions, an auditor everybody's.</summary>
public enum Permission
{
    /// <summary>Nobody has to be known yet: sign-in, enrollment, the check of a token. The request itself carries the proof.</summary>
    Anonymous,

    /// <summary>An enrolled agent.</summary>
    ServeAgent,

    /// <summary>The control plane itself: bootstrap, sweeps.</summary>
    RunSystem,

    /// <summary>Any principal, about what is its own or what a group of its may decide.</summary>
    Participate,

    ReadPolicies,
    ChangePolicies,
    ReadPrincipals,
    ChangePrincipals,
    ReadAgents,
    ChangeAgents,
    ReadAudit,
    ReadSettings,
    ChangeSettings,
}
