namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>One event of a recording.</summary>
/// <param name="Sequence">From 1, without gaps.</param>
/// <param name="At">By the agent's clock.</param>
/// <param name="PreviousHash">SHA-256 of the serialized event before it; 32 zero bytes in the first.</param>
/// <param name="Body">Null for a kind that this version does not know: it is kept, not shown.</param>
public sealed record RecordedEvent(Guid SessionId, long Sequence, DateTimeOffset At, ReadOnlyMemory<byte> PreviousHash, RecordedBody? Body);
