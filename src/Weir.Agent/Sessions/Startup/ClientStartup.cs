using System.Collections.Immutable;
using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Startup;

/// <summary>What a client's startup message asks for.</summary>
/// <param name="User">The access credential's id.</param>
/// <param name="Connection">Name of the connection: the part of <c>database</c> before a slash.</param>
/// <param name="Database">Database on the server, from the part behind the slash; null for the connection's own.</param>
/// <param name="ApplicationName">As sent; never passed on.</param>
/// <param name="Context">The <c>key=value</c> pairs of the application name.</param>
/// <param name="Settings">Run-time settings, from parameters and from <c>options</c>, in the order in which the server would apply them.</param>
/// <param name="IsReplication">Asks for the replication protocol.</param>
internal sealed record ClientStartup(
    string User,
    string Connection,
    string? Database,
    string ApplicationName,
    ImmutableSortedDictionary<string, string> Context,
    ImmutableArray<KeyValuePair<string, string>> Settings,
    bool IsReplication)
{
    private const int MaxSettings = 64;
    private const int MaxContext = 16;

    /// <exception cref="ProtocolViolationException">Not UTF-8, no user, or options that can't be read.</exception>
    public static ClientStartup Read(in StartupMessage message)
    {
        string user = "", database = "", application = "", options = "";
        var replication = false;
        var named = new List<KeyValuePair<string, string>>();
        foreach (var parameter in message.Parameters)
        {
            if (parameter.IsProtocolOption)
                continue;
            var name = Decode(parameter.Name);
            var value = Decode(parameter.Value);
            switch (name)
            {
                case "user":
                    user = value;
                    break;
                case "database":
                    database = value;
                    break;
                case "application_name":
                    application = value;
                    break;
                case "options":
                    options = value;
                    break;
                case "replication":
                    replication = !IsFalse(value);
                    break;
                default:
                    named.Add(new(name.ToLowerInvariant(), value));
                    break;
            }
        }

        if (user.Length == 0)
            throw new ProtocolViolationException("no PostgreSQL user name specified in startup packet", SqlStates.InvalidAuthorizationSpecification, isFatal: true);
        // As the server does: options first, then the named parameters, so that these win.
        var settings = StartupOptions.Parse(options);
        settings.RemoveAll(s => s.Key == "application_name");
        settings.AddRange(named);
        if (settings.Count > MaxSettings)
            throw new ProtocolViolationException("too many startup parameters", SqlStates.ConfigurationLimitExceeded, isFatal: true);
        if (database.Length == 0)
            database = user;
        var slash = database.IndexOf('/', StringComparison.Ordinal);
        return new ClientStartup(
            user,
            slash < 0 ? database : database[..slash],
            slash < 0 ? null : database[(slash + 1)..],
            application,
            ReadContext(application),
            [.. settings],
            replication);
    }

    private static ImmutableSortedDictionary<string, string> ReadContext(string application)
    {
        if (!application.Contains('='))
            return ImmutableSortedDictionary<string, string>.Empty;
        var context = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var part in application.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && context.Count < MaxContext)
                context[part[..equals].Trim()] = part[(equals + 1)..].Trim();
        }

        return context.ToImmutable();
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolViolationException("startup packet is not valid UTF-8", SqlStates.CharacterNotInRepertoire, isFatal: true);
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static bool IsFalse(string value) => value.ToLowerInvariant() is "false" or "off" or "no" or "0" or "";
}
