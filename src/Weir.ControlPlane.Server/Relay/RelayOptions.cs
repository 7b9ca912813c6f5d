namespace Weir.ControlPlane.Server.Relay;

/// <summary>Limits of the relay.</summary>
internal sealed record RelayOptions
{
    /// <summary>From accept until the tunnel is up.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes that may be on their way in each direction of one session.</summary>
    public int Window { get; init; } = 256 * 1024;

    /// <summary>Bytes of one data frame.</summary>
    public int FrameBytes { get; init; } = 32 * 1024;

    /// <summary>Open client connections.</summary>
    public int MaxConnections { get; init; } = 5_000;

    /// <summary>Open client connections from one address.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 500;

    /// <summary>Refuse clients that do not use TLS, also from loopback.</summary>
    public bool RequireTls { get; init; }
}
