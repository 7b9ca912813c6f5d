namespace Weir.Protocol.Postgres.Framing;

/// <summary>One message, or the part of it that has arrived, inside the buffer it was scanned from. Owns nothing.</summary>
public readonly ref struct Frame
{
    internal Frame(FrameHeader header, ReadOnlySpan<byte> bytes)
    {
        Header = header;
        Bytes = bytes;
    }

    public FrameHeader Header { get; }

    /// <summary>Type, length and as much of the body as is there.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The body, or as much of it as is there.</summary>
    public ReadOnlySpan<byte> Body => Bytes[FrameHeader.Size..];

    /// <summary>Bytes of the body that have not arrived; 0 for a complete message.</summary>
    public int MissingBytes => Header.TotalLength - Bytes.Length;

    public FrontendMessageType FrontendType => Header.FrontendType;

    public BackendMessageType BackendType => Header.BackendType;
}
