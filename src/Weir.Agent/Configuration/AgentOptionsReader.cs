using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Weir.Agent.Configuration;

/// <summary>Reads <see cref="AgentOptions"/> from the environment; all of it is right, or nothing of it is taken.</summary>
internal static class AgentOptionsReader
{
    // Ports that the quickstart's scripts share with the agent's environment; they are not the agent's own settings.
    private static readonly string[] ForeignKeys = ["WEIR_AGENT_PORT"];

    /// <exception cref="AgentOptionsException">With every fault.</exception>
    public static AgentOptions ReadEnvironment()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        return Read(variables);
    }

    /// <exception cref="AgentOptionsException">With every fault.</exception>
    public static AgentOptions Read(IReadOnlyDictionary<string, string> variables)
    {
        var values = new EnvironmentValues(variables);
        foreach (var key in ForeignKeys)
            values.Text(key);
        var options = new AgentOptions
        {
            ControlPlaneUrl = ReadUrl(values, "WEIR_CONTROL_PLANE_URL"),
            CaFile = values.ExistingFile("WEIR_CA_FILE"),
            Name = ReadName(values, "WEIR_AGENT_NAME"),
            DataDirectory = values.Required("WEIR_AGENT_DATA_DIR", "a directory of the agent's own"),
            Listen = ReadListen(values, "WEIR_AGENT_LISTEN"),
            Advertise = ReadAdvertise(values, "WEIR_AGENT_ADVERTISE"),
            EnrollmentToken = ReadToken(values, "WEIR_ENROLLMENT_TOKEN", "WEIR_ENROLLMENT_TOKEN_FILE"),
            HealthListen = ReadHealthListen(values, "WEIR_AGENT_HEALTH_LISTEN"),
            Labels = ReadLabels(values, "WEIR_AGENT_LABELS"),
            TlsCertificateFile = values.ExistingFile("WEIR_AGENT_TLS_CERT_FILE"),
            TlsKeyFile = values.ExistingFile("WEIR_AGENT_TLS_KEY_FILE"),
            RequireTls = values.Switch("WEIR_AGENT_REQUIRE_TLS", false),
            AllowPlaintext = values.Switch("WEIR_AGENT_ALLOW_PLAINTEXT", false),
            ChannelBinding = values.Switch("WEIR_AGENT_CHANNEL_BINDING", true),
            Loops = (int)values.Number("WEIR_AGENT_LOOPS", Math.Max(1, Environment.ProcessorCount / 4), 1, 64),
            UseLoops = values.Choice("WEIR_AGENT_DRIVER", true, ("epoll", true), ("stream", false)),
            StartupTimeout = values.Seconds("WEIR_AGENT_STARTUP_TIMEOUT", 20, 1, 600),
            UpstreamTimeout = values.Seconds("WEIR_AGENT_UPSTREAM_TIMEOUT", 15, 1, 600),
            MaxConnections = (int)values.Number("WEIR_AGENT_MAX_CONNECTIONS", 10_000, 1, 1_000_000),
            MaxConnectionsPerIp = (int)values.Number("WEIR_AGENT_MAX_CONNECTIONS_PER_IP", 1_000, 1, 1_000_000),
            MaxConnectionsPerPrincipal = (int)values.Number("WEIR_AGENT_MAX_CONNECTIONS_PER_PRINCIPAL", 200, 1, 1_000_000),
            MaxUnauthenticated = (int)values.Number("WEIR_AGENT_MAX_UNAUTHENTICATED", 500, 1, 100_000),
            MaxMessageBytes = (int)values.Number("WEIR_AGENT_MAX_MESSAGE_BYTES", 64L << 20, 64L << 10, 1L << 30),
            MaxSessionBytes = values.Number("WEIR_AGENT_MAX_SESSION_BYTES", 128L << 20, 1L << 20, (4L << 30) - 1),
            MaxPreparedStatements = (int)values.Number("WEIR_AGENT_MAX_PREPARED_STATEMENTS", 5_000, 1, 1_000_000),
            MaxPreparedBytes = values.Number("WEIR_AGENT_MAX_PREPARED_BYTES", 32L << 20, 64L << 10, 1L << 30),
            MaxCacheBytes = values.Number("WEIR_AGENT_MAX_CACHE_BYTES", 64L << 20, 1L << 20, 4L << 30),
            MaxPipelined = (int)values.Number("WEIR_AGENT_MAX_PIPELINED", 10_000, 1, 1_000_000),
            MaxStatementBytes = (int)values.Number("WEIR_AGENT_MAX_STATEMENT_BYTES", 16L << 20, 1L << 10, 64L << 20),
            DrainTimeout = values.Seconds("WEIR_AGENT_DRAIN_TIMEOUT", 30, 0, 86_400),
            SpoolBytes = values.Number("WEIR_AGENT_SPOOL_BYTES", 256L << 20, 16L << 20, 1L << 40),
            SpoolDurability = values.Choice("WEIR_AGENT_SPOOL_DURABILITY", SpoolDurability.Group, ("group", SpoolDurability.Group), ("strict", SpoolDurability.Strict)),
            LogsJson = values.Choice("WEIR_AGENT_LOG_FORMAT", false, ("text", false), ("json", true)),
            LogLevel = values.Choice("WEIR_AGENT_LOG_LEVEL", LogLevel.Information, ("debug", LogLevel.Debug), ("information", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error)),
        };
        if (options.TlsCertificateFile is null != options.TlsKeyFile is null)
            values.Fault(options.TlsKeyFile is null ? "WEIR_AGENT_TLS_KEY_FILE" : "WEIR_AGENT_TLS_CERT_FILE", "certificate and key files are given together or not at all");
        if (options.RequireTls && options.AllowPlaintext)
            values.Fault("WEIR_AGENT_ALLOW_PLAINTEXT", "contradicts WEIR_AGENT_REQUIRE_TLS");
        values.RefuseUnknown("WEIR_AGENT_");
        values.RefuseUnknown("WEIR_ENROLLMENT_");
        return values.Faults.IsEmpty ? options : throw new AgentOptionsException(values.Faults);
    }

    private static Uri ReadUrl(EnvironmentValues values, string key)
    {
        var text = values.Required(key, "the address of the control plane's gRPC port, such as https://weir.example.com:8081");
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url is { UserInfo: "", Query: "", Fragment: "" })
            return url;
        if (text.Length > 0)
            values.Fault(key, "must be an https:// or http:// address without user, query and fragment");
        return new Uri("https://invalid/");
    }

    private static string ReadName(EnvironmentValues values, string key)
    {
        var name = values.Text(key) ?? Environment.MachineName;
        if (name.Length is < 1 or > 100 || name.Any(char.IsControl))
            values.Fault(key, "must have 1 to 100 characters, none of them a control character");
        return name;
    }

    private static ImmutableArray<EndPoint> ReadListen(EnvironmentValues values, string key)
    {
        var endPoints = ImmutableArray.CreateBuilder<EndPoint>();
        var parts = (values.Text(key) ?? "127.0.0.1:6433").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts)
        {
            if (part.StartsWith("unix:", StringComparison.Ordinal))
            {
                // sockaddr_un holds 108 bytes with the terminating zero (unix(7)).
                if (part.Length is > 5 and <= 5 + 107 && part[5] == '/')
                    endPoints.Add(new UnixDomainSocketEndPoint(part[5..]));
                else
                    values.Fault(key, $"{part}: a Unix socket is an absolute path of at most 107 bytes");
            }
            else if (TryReadEndPoint(part, out var endPoint))
            {
                endPoints.Add(endPoint);
            }
            else
            {
                values.Fault(key, $"{part}: must be address:port with an IPv4 address, an IPv6 address in brackets or *, or unix:/path");
            }
        }

        if (parts.Length == 0)
            values.Fault(key, "names no address");
        return endPoints.ToImmutable();
    }

    private static IPEndPoint? ReadHealthListen(EnvironmentValues values, string key)
    {
        if (values.Text(key) is not { } text)
            return null;
        if (TryReadEndPoint(text, out var endPoint))
            return endPoint;
        values.Fault(key, "must be address:port with an IPv4 address, an IPv6 address in brackets or *");
        return null;
    }

    private static bool TryReadEndPoint(string text, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = text[..colon];
        IPAddress? address;
        if (host == "*")
            address = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        else if (host is ['[', .., ']'])
            address = IPAddress.TryParse(host[1..^1], out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6 ? v6 : null;
        else if (host == "localhost")
            address = IPAddress.Loopback;
        else
            address = IPAddress.TryParse(host, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork && host.Count(c => c == '.') == 3 ? v4 : null;
        if (address is null)
            return false;
        endPoint = new IPEndPoint(address, port);
        return true;
    }

    private static string ReadAdvertise(EnvironmentValues values, string key)
    {
        var text = values.Text(key) ?? "";
        if (text.Length > 0)
        {
            var colon = text.LastIndexOf(':');
            var host = colon > 0 ? text[..colon].TrimStart('[').TrimEnd(']') : "";
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                values.Fault(key, "must be host:port");
        }

        return text;
    }

    private static SecretText? ReadToken(EnvironmentValues values, string key, string fileKey)
    {
        var token = values.Text(key);
        var path = values.Text(fileKey);
        if (token is not null && path is not null)
            values.Fault(fileKey, $"is given together with {key}; only one of them may be");
        if (path is not null)
        {
            try
            {
                // The file may be gone once the agent is enrolled; enrollment itself complains when it needs a token and has none.
                if (!File.Exists(path))
                    return null;
                if (new FileInfo(path).Length > 4096)
                    values.Fault(fileKey, "a token file has at most 4096 bytes");
                else
                    token = File.ReadAllText(path).Trim();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                values.Fault(fileKey, "can't be read: " + exception.Message);
            }
        }

        return string.IsNullOrEmpty(token) ? null : new SecretText(token);
    }

    private static ImmutableSortedDictionary<string, string> ReadLabels(EnvironmentValues values, string key)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var part in (values.Text(key) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? part[..equals] : "";
            if (name.Length is 0 or > 63 || part.Length - equals - 1 > 63 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/'))
                values.Fault(key, $"{part}: must be key=value, each at most 63 characters");
            else if (!labels.TryAdd(name, part[(equals + 1)..]))
                values.Fault(key, $"{name} is given twice");
        }

        return labels.ToImmutable();
    }
}
