using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Agents;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Credentials;

/// <summary>Where clients reach a connection.</summary>
internal sealed class ConnectionAddresses(WeirDbContext db, ControlPlaneOptions options)
{
    /// <summary>The agents that serve it, connected ones first.</summary>
    public async Task<IReadOnlyList<Agent>> AgentsOfAsync(ConnectionDocument connection, CancellationToken cancellationToken)
    {
        var agents = await db.Agents.AsNoTracking().Where(a => a.RemovedAt == null).OrderBy(a => a.Name).ToListAsync(cancellationToken);
        return [.. agents.Where(connection.Agents.Matches).OrderByDescending(a => a.IsConnected)];
    }

    /// <summary>libpq URL straight to an agent; null when none says where it is.</summary>
    public static string? DirectUrl(IEnumerable<Agent> agents, string user, string secret, string connection) =>
        agents.FirstOrDefault(a => a.AdvertisedEndpoint.Length > 0) is { } agent ? Url(agent.AdvertisedEndpoint, user, secret, connection) : null;

    /// <summary>libpq URL through the relay; null when there is none.</summary>
    public string? RelayUrl(string user, string secret, string connection) =>
        options.RelayEndpoint.Length == 0 ? null : Url(options.RelayEndpoint, user, secret, connection);

    // Ids, secrets and connection names are made of characters that need no escaping.
    private static string Url(string endpoint, string user, string secret, string connection) => $"postgresql://{user}:{secret}@{endpoint}/{connection}";
}
