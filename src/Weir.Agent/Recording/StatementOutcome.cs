namespace Weir.Agent.Recording;

/// <summary>The end of a statement.</summary>
internal readonly ref struct StatementOutcome
{
    public StatementStatus Status { get; init; }

    /// <summary>The command tag as the server sent it, without the zero byte; empty when there was none.</summary>
    public ReadOnlySpan<byte> CommandTag { get; init; }

    /// <summary>Rows returned or changed; null when unknown.</summary>
    public long? Rows { get; init; }

    /// <summary>SQLSTATE of the error; empty without one.</summary>
    public ReadOnlySpan<byte> SqlState { get; init; }

    /// <summary>Message of the error as it was sent to the client (values of masked columns removed); cut at 2 KiB.</summary>
    public ReadOnlySpan<byte> ErrorMessage { get; init; }

    /// <summary>From the statement's arrival until its answer was complete.</summary>
    public TimeSpan Duration { get; init; }
}
