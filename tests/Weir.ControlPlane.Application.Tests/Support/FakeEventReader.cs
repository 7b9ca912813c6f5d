using System.Collections.Concurrent;
using System.Text;
using Weir.ControlPlane.Application.Features.Sessions.Recording;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>Knows the events it has written by their bytes; everything else does not read.</summary>
internal sealed class FakeEventReader : ISessionEventReader
{
    private readonly ConcurrentDictionary<string, RecordedEvent> _written = [];

    /// <summary>Bytes that stand for the event, different for every call.</summary>
    public ReadOnlyMemory<byte> Write(RecordedEvent recorded)
    {
        var bytes = Encoding.UTF8.GetBytes($"{Guid.NewGuid():N} {recorded.SessionId} {recorded.Sequence}");
        _written[Convert.ToHexString(bytes)] = recorded;
        return bytes;
    }

    public RecordedEvent Read(ReadOnlyMemory<byte> body) =>
        _written.TryGetValue(Convert.ToHexString(body.Span), out var recorded) ? recorded : throw new FormatException("This is no event.");
}
