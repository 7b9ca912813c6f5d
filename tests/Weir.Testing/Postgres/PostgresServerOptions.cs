namespace Weir.Testing.Postgres;

/// <summary>What kind of server a test wants.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>Major version, 14 to 18. Without it that of the environment variable WEIR_TEST_POSTGRES, else 18.</summary>
    public int? Major { get; init; }

    /// <summary>Whether the server offers TLS, with a certificate for <c>localhost</c> and 127.0.0.1.</summary>
    public bool Tls { get; init; }

    /// <summary>Port of a primary of the same major version, which the server then follows as a hot standby; null for a server of its own. It takes Debian's binaries, which have pg_basebackup.</summary>
    public int? StandbyOf { get; init; }

    /// <summary>Settings of <c>postgresql.conf</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
