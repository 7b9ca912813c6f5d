namespace Weir.Protocol.Postgres;

/// <summary>
/// The peer sent bytes that are not the PostgreSQL protocol. The message never quotes what was sent, so it may be logged and
/// returned to the peer.
/// </summary>
public sealed class ProtocolViolationException : Exception
{
    public ProtocolViolationException(string reason, string sqlState = SqlStates.ProtocolViolation, bool isFatal = false)
        : base(reason)
    {
        SqlState = sqlState;
        IsFatal = isFatal;
    }

    public ProtocolViolationException(string reason, Exception innerException)
        : base(reason, innerException) => SqlState = SqlStates.ProtocolViolation;

    public ProtocolViolationException()
        : this("protocol violation")
    {
    }

    public ProtocolViolationException(string reason)
        : this(reason, SqlStates.ProtocolViolation)
    {
    }

    /// <summary>Five characters, for the ErrorResponse that ends or answers the message.</summary>
    public string SqlState { get; }

    /// <summary>
    /// True when message boundaries are lost or PostgreSQL itself would close the connection; false when PostgreSQL answers such a
    /// message with an ERROR and goes on (a Bind with missing bytes, say). Closing is always allowed.
    /// </summary>
    public bool IsFatal { get; }

    /// <summary>PostgreSQL closes without a word: where a length is impossible, nobody knows whether the peer speaks the protocol at all.</summary>
    public bool IsUnanswered { get; init; }
}
