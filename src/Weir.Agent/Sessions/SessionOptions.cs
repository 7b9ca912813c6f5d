using Weir.Agent.Configuration;

namespace Weir.Agent.Sessions;

/// <summary>Limits and deadlines of client sessions, from the agent's options and with the fixed ones beside them.</summary>
internal sealed record SessionOptions
{
    /// <summary>From the accepted connection until the client has authenticated.</summary>
    public TimeSpan StartupDeadline { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Secret, catalog, connecting and logging in upstream together, over all hosts.</summary>
    public TimeSpan UpstreamDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>TCP connect to one upstream host.</summary>
    public TimeSpan UpstreamConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the last words (an error, a Terminate) may take to be sent before a socket is closed hard.</summary>
    public TimeSpan CloseDeadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Distance of the keep-alives that a client gets while its statement is held.</summary>
    public TimeSpan HeldKeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Distance of the cheap probes for schema changes made by others.</summary>
    public TimeSpan CatalogProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Client connections at the same moment, whatever their state.</summary>
    public int MaxConnections { get; init; } = 10_000;

    public int MaxConnectionsPerAddress { get; init; } = 1_000;

    /// <summary>Connections that have not authenticated yet.</summary>
    public int MaxUnauthenticated { get; init; } = 500;

    public int MaxSessionsPerPrincipal { get; init; } = 200;

    /// <summary>Largest Query, Parse, Bind or FunctionCall message in bytes; such a message is held whole in memory.</summary>
    public int MaxStatementMessage { get; init; } = 64 * 1024 * 1024;

    /// <summary>Largest message of an answer that must be held whole to be masked, in bytes.</summary>
    public int MaxInspectedAnswer { get; init; } = 128 * 1024 * 1024;

    /// <summary>Longest text of one statement in bytes.</summary>
    public int MaxStatementText { get; init; } = 16 * 1024 * 1024;

    /// <summary>Named prepared statements and portals of one session, each.</summary>
    public int MaxPreparedStatements { get; init; } = 5_000;

    /// <summary>Estimated bytes of the named prepared statements, portals and cursors of one session.</summary>
    public long MaxPreparedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Estimated bytes of verdicts that are kept for texts to come, over all sessions.</summary>
    public long MaxJudgementBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Messages that wait for their answer in one session; beyond it reading from the client stops.</summary>
    public int MaxInFlight { get; init; } = 10_000;

    /// <summary>Refuse plaintext from loopback too.</summary>
    public bool RequireTls { get; init; }

    /// <summary>Accept clients without TLS from anywhere, not from loopback only.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Offer SCRAM-SHA-256-PLUS over TLS.</summary>
    public bool ChannelBinding { get; init; } = true;

    /// <summary>Plaintext sessions run on event loops; otherwise all run over streams.</summary>
    public bool UseLoops { get; init; } = true;

    /// <summary>Event loops.</summary>
    public int Loops { get; init; } = 1;

    public static SessionOptions From(AgentOptions options) => new()
    {
        StartupDeadline = options.StartupTimeout,
        UpstreamDeadline = options.UpstreamTimeout,
        MaxConnections = options.MaxConnections,
        MaxConnectionsPerAddress = options.MaxConnectionsPerIp,
        MaxUnauthenticated = options.MaxUnauthenticated,
        MaxSessionsPerPrincipal = options.MaxConnectionsPerPrincipal,
        MaxStatementMessage = options.MaxMessageBytes,
        MaxInspectedAnswer = (int)Math.Min(options.MaxSessionBytes, 1 << 30),
        MaxStatementText = options.MaxStatementBytes,
        MaxPreparedStatements = options.MaxPreparedStatements,
        MaxPreparedBytes = options.MaxPreparedBytes,
        MaxJudgementBytes = options.MaxCacheBytes,
        MaxInFlight = options.MaxPipelined,
        RequireTls = options.RequireTls,
        AllowPlaintext = options.AllowPlaintext,
        ChannelBinding = options.ChannelBinding,
        UseLoops = options.UseLoops,
        Loops = options.Loops,
    };
}
