using System.Buffers.Binary;

namespace Weir.Protocol.Postgres.Framing;

/// <summary>
/// Splits received bytes into messages, in place. Every call gives a message, asks for more, or throws
/// <see cref="ProtocolViolationException"/>; type and length are judged as soon as their bytes are there, so that nothing is ever
/// buffered for a message that could not be accepted.
/// <code>
/// var scanner = new FrameScanner(received, MessageDirection.Frontend, limits);
/// while (scanner.TryRead(out var frame) == FrameStatus.Complete) { … }
/// keep = scanner.Rest;   // a partial message: append the next bytes to it, or stream it by StreamedBody
/// </code>
/// </summary>
public ref struct FrameScanner
{
    private readonly ReadOnlySpan<byte> _buffer;
    private readonly ReadOnlySpan<int> _maxLengths;
    private readonly MessageDirection _direction;

    public FrameScanner(ReadOnlySpan<byte> buffer, MessageDirection direction, ProtocolLimits limits)
    {
        _buffer = buffer;
        _direction = direction;
        _maxLengths = limits.MaxLengths(direction);
        Position = 0;
        MissingBytes = 0;
    }

    /// <summary>Bytes of the buffer that belong to complete messages read so far.</summary>
    public int Position { get; private set; }

    /// <summary>After a call that was not <see cref="FrameStatus.Complete"/>: how many bytes are missing at least until the next one can make progress.</summary>
    public int MissingBytes { get; private set; }

    public readonly ReadOnlySpan<byte> Rest => _buffer[Position..];

    /// <summary>
    /// Reads the next message and moves behind it. On <see cref="FrameStatus.NeedBody"/> the frame holds the header and what has
    /// arrived of the body, and the position stays in front of it; on <see cref="FrameStatus.NeedHeader"/> the frame is empty.
    /// </summary>
    /// <exception cref="ProtocolViolationException">Unknown type for the direction, or a length below 4 or above the type's limit.</exception>
    public FrameStatus TryRead(out Frame frame)
    {
        var rest = _buffer[Position..];
        if (rest.IsEmpty)
            return Need(FrameHeader.Size, out frame);

        var type = rest[0];
        var maxLength = _maxLengths[type];
        if (maxLength == 0)
            Violation.UnknownType(_direction, type);
        if (rest.Length < FrameHeader.Size)
            return Need(FrameHeader.Size - rest.Length, out frame);

        var length = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
        if (length < 4 || length > maxLength)
            Violation.InvalidLength();

        var header = new FrameHeader(type, length);
        if (rest.Length < header.TotalLength)
        {
            frame = new Frame(header, rest);
            MissingBytes = header.TotalLength - rest.Length;
            return FrameStatus.NeedBody;
        }

        frame = new Frame(header, rest[..header.TotalLength]);
        Position += header.TotalLength;
        return FrameStatus.Complete;
    }

    /// <summary>Moves on over bytes that the caller has dealt with itself; they must end where a message ends.</summary>
    public void SkipTo(int position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, Position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, _buffer.Length);
        Position = position;
    }

    /// <summary>
    /// Moves behind everything that is there of a message that <see cref="TryRead"/> reported as <see cref="FrameStatus.NeedBody"/>,
    /// and gives the counter for the rest of its body.
    /// </summary>
    public StreamedBody BeginStreaming(in Frame frame)
    {
        Position = _buffer.Length;
        return new StreamedBody(frame.Header, frame.MissingBytes);
    }

    private FrameStatus Need(int missing, out Frame frame)
    {
        frame = default;
        MissingBytes = missing;
        return FrameStatus.NeedHeader;
    }
}
