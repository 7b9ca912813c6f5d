namespace Weir.Protocol.Postgres.Framing;

/// <summary>Counts down the body of a message that is too large to wait for. Mutable and small: keep it in the session.</summary>
public struct StreamedBody
{
    internal StreamedBody(FrameHeader header, int remaining)
    {
        Header = header;
        Remaining = remaining;
    }

    public FrameHeader Header { get; }

    /// <summary>Bytes of the body still to come.</summary>
    public int Remaining { get; private set; }

    public readonly bool IsComplete => Remaining == 0;

    /// <summary>Takes what belongs to this body from the front of <paramref name="received"/>; the rest starts the next message.</summary>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> rest)
    {
        var count = Math.Min(Remaining, received.Length);
        Remaining -= count;
        rest = received[count..];
        return received[..count];
    }
}
