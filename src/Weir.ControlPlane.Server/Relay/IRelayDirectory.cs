namespace Weir.ControlPlane.Server.Relay;

/// <summary>Finds the connected agent that serves a client.</summary>
internal interface IRelayDirectory
{
    /// <summary>
    /// The agent for a credential and database name. For an unknown credential any connected agent: it runs the complete (mock)
    /// authentication, so that nothing tells the client whether the credential exists.
    /// </summary>
    /// <returns>Null when no agent can serve it.</returns>
    Task<Guid?> FindAgentAsync(string credentialId, string database, CancellationToken cancellationToken);

    /// <summary>Tells an agent to dial the tunnel. False when it is not connected here.</summary>
    ValueTask<bool> TryOpenTunnelAsync(Guid agentId, Guid tunnelId, CancellationToken cancellationToken);

    /// <summary>Passes a cancel request on. False when the agent is not connected here.</summary>
    ValueTask<bool> TryCancelAsync(Guid agentId, int processId, ReadOnlyMemory<byte> key, CancellationToken cancellationToken);
}
