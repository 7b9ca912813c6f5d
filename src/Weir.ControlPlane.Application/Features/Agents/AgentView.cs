using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <param name="Status">connected or disconnected.</param>
/// <param name="SnapshotVersion">The policy version it acknowledged last.</param>
/// <param name="Endpoint">Where clients reach it directly, as host:port; null when they can't.</param>
public sealed record AgentView(
    Guid Id,
    string Name,
    IReadOnlyDictionary<string, string> Labels,
    string Status,
    string Version,
    string? Endpoint,
    long SnapshotVersion,
    string? SnapshotError,
    int LiveSessions,
    long SpoolBytes,
    long SpoolCapacityBytes,
    DateTimeOffset EnrolledAt,
    DateTimeOffset? LastSeenAt,
    IReadOnlyList<AgentView.Connection> Connections)
{
    /// <param name="IdleMaskingRules">Masking rules whose columns match nothing there.</param>
    public sealed record Connection(string Name, bool Reachable, string Detail, IReadOnlyList<string> IdleMaskingRules, DateTimeOffset At);

    internal static AgentView Of(Agent agent, IEnumerable<AgentConnectionStatus> connections) => new(
        agent.Id.Value,
        agent.Name,
        agent.Labels,
        agent.IsConnected ? "connected" : "disconnected",
        agent.Version,
        agent.AdvertisedEndpoint.Length == 0 ? null : agent.AdvertisedEndpoint,
        agent.SnapshotVersion,
        agent.SnapshotError,
        agent.LiveSessions,
        agent.SpoolBytes,
        agent.SpoolCapacityBytes,
        agent.EnrolledAt,
        agent.LastSeenAt,
        [.. connections.OrderBy(c => c.Connection, StringComparer.Ordinal).Select(c => new Connection(c.Connection, c.IsReachable, c.Detail, c.IdleMaskingRules, c.At))]);
}
