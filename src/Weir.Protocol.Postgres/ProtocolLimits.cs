namespace Weir.Protocol.Postgres;

/// <summary>
/// How long a message may be, by type. The defaults are PostgreSQL's own, so that whatever the server would accept passes. All figures
/// are bytes as in the length word: they include its own four bytes, except <see cref="MaxStartupBody"/>, which PostgreSQL counts without.
/// Immutable; the per-type tables are computed once.
/// </summary>
public sealed class ProtocolLimits
{
    /// <summary>PostgreSQL's PQ_LARGE_MESSAGE_LIMIT: MaxAllocSize - 1.</summary>
    public const int PostgresLargeMessageLimit = 0x3fff_fffe;

    private readonly int[] _frontend;
    private readonly int[] _backend;

    /// <param name="maxStartupBody">Startup packet without its length word (MAX_STARTUP_PACKET_LENGTH). 8 to 1,000,000; default 10,000.</param>
    /// <param name="maxAuthenticationMessage">PasswordMessage and SASL answers (PG_MAX_AUTH_TOKEN_LENGTH). Default 65,535.</param>
    /// <param name="maxSmallMessage">Frontend messages without text or data: Execute, Describe, Close, Sync … (PQ_SMALL_MESSAGE_LIMIT). Default 10,000.</param>
    /// <param name="maxStatementMessage">Query, Parse, Bind, FunctionCall. Default <see cref="PostgresLargeMessageLimit"/>; whoever must hold such a message whole sets it lower.</param>
    /// <param name="maxCopyData">One CopyData in either direction. Default <see cref="PostgresLargeMessageLimit"/>: it can be streamed.</param>
    /// <param name="maxSmallBackendMessage">Backend messages that libpq accepts up to 30,000 bytes only. Default 30,000.</param>
    /// <param name="maxRowMessage">RowDescription, DataRow, FunctionCallResponse, errors, notices, notifications. Default <see cref="PostgresLargeMessageLimit"/>.</param>
    public ProtocolLimits(
        int maxStartupBody = 10_000,
        int maxAuthenticationMessage = 65_535,
        int maxSmallMessage = 10_000,
        int maxStatementMessage = PostgresLargeMessageLimit,
        int maxCopyData = PostgresLargeMessageLimit,
        int maxSmallBackendMessage = 30_000,
        int maxRowMessage = PostgresLargeMessageLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxStartupBody, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxStartupBody, 1_000_000);
        foreach (var limit in (ReadOnlySpan<int>)[maxAuthenticationMessage, maxSmallMessage, maxStatementMessage, maxCopyData, maxSmallBackendMessage, maxRowMessage])
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, 64);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, PostgresLargeMessageLimit);
        }

        MaxStartupBody = maxStartupBody;
        MaxAuthenticationMessage = maxAuthenticationMessage;
        MaxSmallMessage = maxSmallMessage;
        MaxStatementMessage = maxStatementMessage;
        MaxCopyData = maxCopyData;
        MaxSmallBackendMessage = maxSmallBackendMessage;
        MaxRowMessage = maxRowMessage;
        _frontend = BuildFrontend();
        _backend = BuildBackend();
    }

    public static ProtocolLimits Default { get; } = new();

    public int MaxStartupBody { get; }

    public int MaxAuthenticationMessage { get; }

    public int MaxSmallMessage { get; }

    public int MaxStatementMessage { get; }

    public int MaxCopyData { get; }

    public int MaxSmallBackendMessage { get; }

    public int MaxRowMessage { get; }

    /// <summary>Largest permitted length word by type byte (256 entries); 0 for a type that does not exist in that direction.</summary>
    public ReadOnlySpan<int> MaxLengths(MessageDirection direction) => direction == MessageDirection.Frontend ? _frontend : _backend;

    private int[] BuildFrontend()
    {
        var table = new int[256];
        foreach (var type in Enum.GetValues<FrontendMessageType>())
        {
            table[(byte)type] = type switch
            {
                FrontendMessageType.Query or FrontendMessageType.Parse or FrontendMessageType.Bind or FrontendMessageType.FunctionCall => MaxStatementMessage,
                FrontendMessageType.CopyData => MaxCopyData,
                FrontendMessageType.Password => MaxAuthenticationMessage,
                _ => MaxSmallMessage,
            };
        }

        return table;
    }

    private int[] BuildBackend()
    {
        var table = new int[256];
        foreach (var type in Enum.GetValues<BackendMessageType>())
        {
            table[(byte)type] = type switch
            {
                BackendMessageType.RowDescription or BackendMessageType.DataRow or BackendMessageType.FunctionCallResponse
                    or BackendMessageType.ErrorResponse or BackendMessageType.NoticeResponse or BackendMessageType.NotificationResponse => MaxRowMessage,
                BackendMessageType.CopyData => MaxCopyData,
                // 65,535 parameter types of four bytes each are legal and longer than the small limit.
                BackendMessageType.ParameterDescription => Math.Max(MaxSmallBackendMessage, 4 + 2 + (4 * ushort.MaxValue)),
                _ => MaxSmallBackendMessage,
            };
        }

        return table;
    }
}
