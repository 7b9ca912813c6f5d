using System.Diagnostics.CodeAnalysis;

namespace Weir.Protocol.Postgres;

/// <summary>Throws out of line, so that the readers stay small enough to be inlined. The texts are those PostgreSQL uses.</summary>
internal static class Violation
{
    [DoesNotReturn]
    internal static void InsufficientData() => throw new ProtocolViolationException("insufficient data left in message");

    [DoesNotReturn]
    internal static void InvalidString() => throw new ProtocolViolationException("invalid string in message");

    [DoesNotReturn]
    internal static void TrailingData() => throw new ProtocolViolationException("invalid message format");

    [DoesNotReturn]
    internal static void NoData() => throw new ProtocolViolationException("no data left in message");

    [DoesNotReturn]
    internal static void InvalidLength(string reason = "invalid message length") => throw new ProtocolViolationException(reason, SqlStates.ProtocolViolation, isFatal: true) { IsUnanswered = true };

    [DoesNotReturn]
    internal static void UnknownType(MessageDirection direction, byte type) =>
        throw new ProtocolViolationException(
            direction == MessageDirection.Frontend ? $"invalid frontend message type {type}" : $"invalid backend message type {type}",
            SqlStates.ProtocolViolation,
            isFatal: true);

    [DoesNotReturn]
    internal static void Throw(string reason) => throw new ProtocolViolationException(reason);

    [DoesNotReturn]
    internal static void ThrowFatal(string reason, string sqlState = SqlStates.ProtocolViolation) =>
        throw new ProtocolViolationException(reason, sqlState, isFatal: true);
}
