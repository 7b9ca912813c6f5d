using System.Collections;
using System.Globalization;
using System.Net;

namespace Weir.ControlPlane.Server.Configuration;

/// <summary>
/// Settings of the control plane, from the environment. Every fault is reported at once, each naming its key; an unknown
/// <c>WEIR_OIDC_</c> key is a fault too, so that a typing error can't silently leave a default in force.
/// </summary>
internal sealed record ServerOptions
{
    /// <summary><c>WEIR_BIND</c>: address that every listener binds to. Default 127.0.0.1.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary><c>WEIR_HTTP_PORT</c>: console, API and MCP. Default 8080.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary><c>WEIR_GRPC_PORT</c>: agents (TLS with the authority of the data directory). Default 8081.</summary>
    public int GrpcPort { get; init; } = 8081;

    /// <summary><c>WEIR_RELAY_PORT</c>: database clients. Default 6432.</summary>
    public int RelayPort { get; init; } = 6432;

    /// <summary><c>WEIR_DATABASE_URL</c>: the control plane's own database, as its role without special rights.</summary>
    public required string DatabaseUrl { get; init; }

    /// <summary><c>WEIR_MIGRATION_DATABASE_URL</c>: the same as the owner of the tables; only <c>weir-server migrate</c> uses it. Default: the other one.</summary>
    public required string MigrationDatabaseUrl { get; init; }

    /// <summary><c>WEIR_DATA_DIR</c>: certificate authority and master key. Default <c>/var/lib/weir</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>WEIR_MASTER_KEY_FILE</c>: 32 bytes in base64 that wrap every organization's data key. Made at the first start if absent. Default <c>master.key</c> in the data directory.</summary>
    public required string MasterKeyFile { get; init; }

    /// <summary><c>WEIR_PUBLIC_URL</c>: how people reach the console. Default http://localhost:{WEIR_HTTP_PORT}.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary><c>WEIR_PUBLIC_RELAY</c>: how database clients reach the relay, host:port. Default 127.0.0.1:{WEIR_RELAY_PORT}.</summary>
    public required string PublicRelay { get; init; }

    /// <summary><c>WEIR_CERTIFICATE_HOSTS</c>: host names and addresses in the listeners' certificates, comma separated. Default localhost, 127.0.0.1, ::1.</summary>
    public IReadOnlyList<string> CertificateHosts { get; init; } = ["localhost", "127.0.0.1", "::1"];

    /// <summary><c>WEIR_RELAY_REQUIRE_TLS</c>: refuse plaintext clients of the relay also from loopback. Default false.</summary>
    public bool RelayRequireTls { get; init; }

    /// <summary>
    /// <c>WEIR_WEBHOOK_ALLOWED_NETWORKS</c>: networks that webhooks may reach although they are not public, also by plain http; comma separated, as 10.1.0.0/16. Default: none.
    /// </summary>
    public IReadOnlyList<IPNetwork> WebhookAllowedNetworks { get; init; } = [];

    /// <summary><c>WEIR_ORGANIZATION</c>: organization that people sign in to unless they name another; needed when there are several. Default: the only one.</summary>
    public string? Organization { get; init; }

    /// <summary><c>WEIR_OIDC_AUTHORITY</c>, <c>WEIR_OIDC_CLIENT_ID</c>, <c>WEIR_OIDC_CLIENT_SECRET</c>, <c>WEIR_OIDC_GROUPS_CLAIM</c> (default groups), <c>WEIR_OIDC_SCOPES</c>: sign-in with an OpenID provider; off without an authority.</summary>
    public OidcOptions? Oidc { get; init; }

    // The prefix WEIR_ is shared with the agent and the CLI, so only keys under a prefix of the server's own can be told to be unknown.
    private static readonly string[] OidcKeys =
        ["WEIR_OIDC_AUTHORITY", "WEIR_OIDC_CLIENT_ID", "WEIR_OIDC_CLIENT_SECRET", "WEIR_OIDC_GROUPS_CLAIM", "WEIR_OIDC_SCOPES", "WEIR_OIDC_NAME"];

    /// <exception cref="ConfigurationException">Lists every fault.</exception>
    public static ServerOptions FromEnvironment(IDictionary environment)
    {
        var faults = new List<string>();
        var reader = new EnvironmentReader(environment, faults);
        foreach (DictionaryEntry entry in environment)
        {
            var key = (string)entry.Key;
            if (key.StartsWith("WEIR_OIDC_", StringComparison.Ordinal) && !OidcKeys.Contains(key))
            {
                faults.Add($"{key}: unknown setting");
            }
        }

        var httpPort = reader.Port("WEIR_HTTP_PORT", 8080);
        var relayPort = reader.Port("WEIR_RELAY_PORT", 6432);
        var database = reader.Required("WEIR_DATABASE_URL");
        var data = reader.Text("WEIR_DATA_DIR", "/var/lib/weir");
        var options = new ServerOptions
        {
            Bind = reader.Address("WEIR_BIND", IPAddress.Loopback),
            HttpPort = httpPort,
            GrpcPort = reader.Port("WEIR_GRPC_PORT", 8081),
            RelayPort = relayPort,
            DatabaseUrl = database,
            MigrationDatabaseUrl = reader.Text("WEIR_MIGRATION_DATABASE_URL", database),
            DataDirectory = data,
            MasterKeyFile = reader.Text("WEIR_MASTER_KEY_FILE", Path.Combine(data, "master.key")),
            PublicUrl = reader.Url("WEIR_PUBLIC_URL", $"http://localhost:{httpPort.ToString(CultureInfo.InvariantCulture)}"),
            PublicRelay = reader.Text("WEIR_PUBLIC_RELAY", $"127.0.0.1:{relayPort.ToString(CultureInfo.InvariantCulture)}"),
            CertificateHosts = reader.List("WEIR_CERTIFICATE_HOSTS", ["localhost", "127.0.0.1", "::1"]),
            RelayRequireTls = reader.Flag("WEIR_RELAY_REQUIRE_TLS", false),
            WebhookAllowedNetworks = reader.Networks("WEIR_WEBHOOK_ALLOWED_NETWORKS"),
            Organization = reader.Has("WEIR_ORGANIZATION") ? reader.Required("WEIR_ORGANIZATION") : null,
            Oidc = OidcOptions.Read(reader),
        };
        return faults.Count == 0 ? options : throw new ConfigurationException(faults);
    }
}
