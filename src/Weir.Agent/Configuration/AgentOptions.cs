using System.Collections.Immutable;
using System.Net;

namespace Weir.Agent.Configuration;

/// <summary>
/// Everything that an operator can set, read once at start from the environment by <see cref="AgentOptionsReader"/>.
/// Each property names its key, unit, range and default.
/// </summary>
internal sealed record AgentOptions
{
    /// <summary><c>WEIR_CONTROL_PLANE_URL</c>: address of the control plane's gRPC port, https://… (or http://… on a trusted network). Required.</summary>
    public required Uri ControlPlaneUrl { get; init; }

    /// <summary><c>WEIR_CA_FILE</c>: PEM file with the authorities that the control plane's certificate must come from; the system's when absent.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>WEIR_AGENT_NAME</c>: name under which the agent enrolls; the host's name when absent.</summary>
    public required string Name { get; init; }

    /// <summary><c>WEIR_AGENT_DATA_DIR</c>: directory of the agent's own (mode 0700) for identity, snapshot and spool. Required.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>WEIR_AGENT_LISTEN</c>: where clients connect, comma separated: <c>127.0.0.1:6433</c>, <c>[::1]:6433</c>, <c>*:6433</c> (all addresses), <c>unix:/run/weir/.s.PGSQL.6433</c>. Default <c>127.0.0.1:6433</c>.</summary>
    public required ImmutableArray<EndPoint> Listen { get; init; }

    /// <summary><c>WEIR_AGENT_ADVERTISE</c>: <c>host:port</c> that clients are told for direct connections; empty when they can't connect directly.</summary>
    public string Advertise { get; init; } = "";

    /// <summary><c>WEIR_ENROLLMENT_TOKEN</c> or <c>WEIR_ENROLLMENT_TOKEN_FILE</c>: the one-time token; needed until the agent is enrolled.</summary>
    public SecretText? EnrollmentToken { get; init; }

    /// <summary><c>WEIR_AGENT_HEALTH_LISTEN</c>: address and port of /healthz, /readyz and /metrics; absent: not served.</summary>
    public IPEndPoint? HealthListen { get; init; }

    /// <summary><c>WEIR_AGENT_LABELS</c>: <c>key=value,key=value</c>; connections can select agents by them.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary><c>WEIR_AGENT_TLS_CERT_FILE</c>: PEM chain of the listener; the certificate from enrollment when absent.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary><c>WEIR_AGENT_TLS_KEY_FILE</c>: PEM private key of that certificate.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary><c>WEIR_AGENT_REQUIRE_TLS</c>: refuse plaintext from loopback too (from elsewhere it is refused unless <see cref="AllowPlaintext"/>). Default false.</summary>
    public bool RequireTls { get; init; }

    /// <summary><c>WEIR_AGENT_ALLOW_PLAINTEXT</c>: accept plaintext from any address. Default false.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary><c>WEIR_AGENT_CHANNEL_BINDING</c>: offer SCRAM-SHA-256-PLUS on TLS connections; false behind a balancer that ends TLS. Default true.</summary>
    public bool ChannelBinding { get; init; } = true;

    /// <summary><c>WEIR_AGENT_LOOPS</c>: event loops, 1 to 64. Default: one per 4 processors, at least 1.</summary>
    public int Loops { get; init; } = 1;

    /// <summary><c>WEIR_AGENT_DRIVER</c>: what moves plaintext sessions, <c>epoll</c> (event loops) or <c>stream</c> (the framework's sockets). Default epoll.</summary>
    public bool UseLoops { get; init; } = true;

    /// <summary><c>WEIR_AGENT_STARTUP_TIMEOUT</c>: seconds from accept to a logged-in session on the client leg, 1 to 600. Default 20.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary><c>WEIR_AGENT_UPSTREAM_TIMEOUT</c>: seconds for connecting and logging in to a database, 1 to 600. Default 15.</summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary><c>WEIR_AGENT_MAX_CONNECTIONS</c>: client connections in total, 1 to 1,000,000. Default 10,000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary><c>WEIR_AGENT_MAX_CONNECTIONS_PER_IP</c>: client connections from one address, 1 to 1,000,000. Default 1,000.</summary>
    public int MaxConnectionsPerIp { get; init; } = 1_000;

    /// <summary><c>WEIR_AGENT_MAX_CONNECTIONS_PER_PRINCIPAL</c>: sessions of one principal, 1 to 1,000,000. Default 200.</summary>
    public int MaxConnectionsPerPrincipal { get; init; } = 200;

    /// <summary><c>WEIR_AGENT_MAX_UNAUTHENTICATED</c>: connections that have not logged in yet, 1 to 100,000. Default 500.</summary>
    public int MaxUnauthenticated { get; init; } = 500;

    /// <summary><c>WEIR_AGENT_MAX_MESSAGE_BYTES</c>: largest protocol message of a client, 64 KiB to 1 GiB. Default 64 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary><c>WEIR_AGENT_MAX_SESSION_BYTES</c>: memory that one session may hold in buffers and statements, 1 MiB to 4 GiB (less a byte). Default 128 MiB.</summary>
    public long MaxSessionBytes { get; init; } = 128L * 1024 * 1024;

    /// <summary><c>WEIR_AGENT_MAX_PREPARED_STATEMENTS</c>: prepared statements of one session, 1 to 1,000,000. Default 5,000.</summary>
    public int MaxPreparedStatements { get; init; } = 5_000;

    /// <summary><c>WEIR_AGENT_MAX_PREPARED_BYTES</c>: estimated memory of one session's named prepared statements, portals and cursors, 64 KiB to 1 GiB. Default 32 MiB.</summary>
    public long MaxPreparedBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary><c>WEIR_AGENT_MAX_CACHE_BYTES</c>: estimated memory of verdicts that are kept for texts to come, over all sessions, 1 MiB to 4 GiB. Default 64 MiB.</summary>
    public long MaxCacheBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary><c>WEIR_AGENT_MAX_PIPELINED</c>: statements in flight of one session, 1 to 1,000,000. Default 10,000.</summary>
    public int MaxPipelined { get; init; } = 10_000;

    /// <summary><c>WEIR_AGENT_MAX_STATEMENT_BYTES</c>: longest text of one statement, 1 KiB to 64 MiB. Default 16 MiB.</summary>
    public int MaxStatementBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary><c>WEIR_AGENT_DRAIN_TIMEOUT</c>: seconds that open sessions get after SIGTERM, 0 to 86,400. Default 30.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>WEIR_AGENT_SPOOL_BYTES</c>: disk space of the spool, claimed at start, 16 MiB to 1 TiB. Default 256 MiB.</summary>
    public long SpoolBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary><c>WEIR_AGENT_SPOOL_DURABILITY</c>: <c>group</c> or <c>strict</c>. Default group.</summary>
    public SpoolDurability SpoolDurability { get; init; }

    /// <summary><c>WEIR_AGENT_LOG_FORMAT</c>: <c>text</c> or <c>json</c>. Default text.</summary>
    public bool LogsJson { get; init; }

    /// <summary><c>WEIR_AGENT_LOG_LEVEL</c>: <c>debug</c>, <c>information</c>, <c>warning</c> or <c>error</c>. Default information.</summary>
    public Microsoft.Extensions.Logging.LogLevel LogLevel { get; init; } = Microsoft.Extensions.Logging.LogLevel.Information;
}
