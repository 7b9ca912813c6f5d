namespace Weir.Protocol.Postgres;

/// <summary>The status byte of ReadyForQuery.</summary>
public enum TransactionStatus : byte
{
    /// <summary>Not in a transaction block (<c>I</c>).</summary>
    Idle = (byte)'I',

    /// <summary>In a transaction block (<c>T</c>).</summary>
    InTransaction = (byte)'T',

    /// <summary>In a failed transaction block; everything but its end is refused (<c>E</c>).</summary>
    Failed = (byte)'E',
}
