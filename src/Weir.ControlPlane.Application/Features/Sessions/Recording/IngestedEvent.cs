namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>An event with the bytes it came in and their SHA-256.</summary>
internal sealed record IngestedEvent(RecordedEvent Event, ReadOnlyMemory<byte> Body, byte[] Hash);
