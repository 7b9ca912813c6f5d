using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Agents;

/// <summary>How an agent last found one of its connections.</summary>
public sealed class AgentConnectionStatus(OrganizationId organizationId, AgentId agentId, string connection) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public AgentId AgentId { get; private set; } = agentId;

    public string Connection { get; private set; } = connection;

    public bool IsReachable { get; private set; }

    public string Detail { get; private set; } = "";

    /// <summary>Masking rules whose columns match nothing there: perhaps a typing error that leaves data in the clear.</summary>
    public IReadOnlyList<string> IdleMaskingRules { get; private set; } = [];

    public DateTimeOffset At { get; private set; }

    public void Report(bool isReachable, string detail, IReadOnlyList<string> idleMaskingRules, DateTimeOffset now)
    {
        IsReachable = isReachable;
        Detail = detail;
        IdleMaskingRules = idleMaskingRules;
        At = now;
    }
}
