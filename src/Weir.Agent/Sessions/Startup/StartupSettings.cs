using System.Text;
using Weir.Policy.Access;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Startup;

/// <summary>
/// Which settings of a client's startup message reach the database, and what the agent pins beside them. Pins in the startup message
/// are the session's defaults, so RESET ALL and DISCARD ALL restore them.
/// </summary>
internal static class StartupSettings
{
    /// <summary>NAMEDATALEN - 1: the server cuts application_name there.</summary>
    private const int MaxApplicationName = 63;

    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "bytea_output", "client_encoding", "client_min_messages", "cpu_index_tuple_cost", "cpu_operator_cost", "cpu_tuple_cost", "cursor_tuple_fraction",
        "datestyle", "default_statistics_target", "default_transaction_deferrable", "default_transaction_isolation", "effective_cache_size",
        "effective_io_concurrency", "enable_async_append", "enable_bitmapscan", "enable_gathermerge", "enable_hashagg", "enable_hashjoin",
        "enable_incremental_sort", "enable_indexonlyscan", "enable_indexscan", "enable_material", "enable_memoize", "enable_mergejoin", "enable_nestloop",
        "enable_parallel_append", "enable_parallel_hash", "enable_partition_pruning", "enable_partitionwise_aggregate", "enable_partitionwise_join",
        "enable_seqscan", "enable_sort", "enable_tidscan", "extra_float_digits", "force_parallel_mode", "debug_parallel_query", "from_collapse_limit",
        "geqo", "geqo_effort", "geqo_pool_size", "geqo_seed", "geqo_threshold", "hash_mem_multiplier", "idle_in_transaction_session_timeout",
        "idle_session_timeout", "intervalstyle", "jit", "join_collapse_limit", "lc_messages", "lc_monetary", "lc_numeric", "lc_time", "lock_timeout",
        "max_parallel_workers_per_gather", "parallel_leader_participation", "parallel_setup_cost", "parallel_tuple_cost", "plan_cache_mode",
        "quote_all_identifiers", "random_page_cost", "search_path", "seq_page_cost", "statement_timeout", "synchronous_commit", "tcp_keepalives_count",
        "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout", "temp_buffers", "timezone", "timezone_abbreviations", "transaction_timeout", "work_mem",
        "xmlbinary", "xmloption",
    };

    /// <summary>The FATAL that settings of this startup message deserve; null when all are taken.</summary>
    public static Diagnostic? Refusal(ClientStartup startup)
    {
        foreach (var (name, value) in startup.Settings)
        {
            switch (name)
            {
                case "client_encoding" when !ClientEncoding.IsSafe(value):
                    return UnsafeEncoding(value);
                case "standard_conforming_strings" when !IsOn(value):
                    return Diagnostic.Fatal(SqlStates.FeatureNotSupported, "weir: standard_conforming_strings must be on");
                case "standard_conforming_strings":
                    break;
                case "default_transaction_read_only":
                    break;
                default:
                    if (!Allowed.Contains(name))
                        return Diagnostic.Fatal(SqlStates.FeatureNotSupported, $"weir: startup parameter \"{name}\" is not supported") with { Hint = "Use SET after connecting, if the policy allows it." };
                    break;
            }
        }

        return null;
    }

    public static Diagnostic UnsafeEncoding(string encoding) =>
        Diagnostic.Fatal(SqlStates.FeatureNotSupported, $"weir: client encoding \"{encoding}\" is not supported") with
        {
            Hint = "Use UTF8: in this encoding a statement can't be inspected as the server would read it.",
        };

    public static List<KeyValuePair<string, string>> ForUpstream(SessionIdentity identity, Guid sessionId)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        var isReadOnly = identity.Right.Level == AccessLevel.Read;
        foreach (var setting in identity.Startup.Settings)
        {
            if (setting.Key == "standard_conforming_strings" || (isReadOnly && setting.Key == "default_transaction_read_only"))
                continue;
            parameters.RemoveAll(p => p.Key == setting.Key);
            parameters.Add(setting);
        }

        parameters.Add(new("application_name", ApplicationName(identity.Principal, sessionId)));
        parameters.Add(new("standard_conforming_strings", "on"));
        if (isReadOnly)
            parameters.Add(new("default_transaction_read_only", "on"));
        return parameters;
    }

    /// <summary><c>weir:principal/session</c>, printable ASCII, the principal cut so that the session's short id always fits.</summary>
    public static string ApplicationName(Principal principal, Guid sessionId)
    {
        var session = ShortId(sessionId);
        var builder = new StringBuilder("weir:");
        var room = MaxApplicationName - builder.Length - 1 - session.Length;
        foreach (var c in principal.Name)
        {
            if (room-- == 0)
                break;
            builder.Append(c is > ' ' and < '\x7f' and not '/' ? c : '?');
        }

        return builder.Append('/').Append(session).ToString();
    }

    /// <summary>The random end of the id: the front of a version 7 UUID is a time that sessions share.</summary>
    public static string ShortId(Guid sessionId) => sessionId.ToString("N")[^12..];

    private static bool IsOn(string value) => value.ToLowerInvariant() is "on" or "true" or "yes" or "1" or "t" or "y" or "tr" or "tru" or "ye";
}
