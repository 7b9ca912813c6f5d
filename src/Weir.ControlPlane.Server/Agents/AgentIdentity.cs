namespace Weir.ControlPlane.Server.Agents;

/// <summary>An agent that has proved who it is.</summary>
internal sealed record AgentIdentity(Guid OrganizationId, Guid AgentId, string Name);
