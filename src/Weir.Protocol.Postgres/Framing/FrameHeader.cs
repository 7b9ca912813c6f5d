namespace Weir.Protocol.Postgres.Framing;

/// <summary>The first five bytes of a message after startup: type, then a big-endian length that counts itself but not the type.</summary>
/// <param name="Type">Valid for the direction it was read in.</param>
/// <param name="Length">At least 4, at most the limit of the type.</param>
public readonly record struct FrameHeader(byte Type, int Length)
{
    /// <summary>Bytes of a header: type and length.</summary>
    public const int Size = 5;

    public int BodyLength => Length - 4;

    /// <summary>Bytes of the whole message with its type byte.</summary>
    public int TotalLength => Length + 1;

    public FrontendMessageType FrontendType => (FrontendMessageType)Type;

    public BackendMessageType BackendType => (BackendMessageType)Type;
}
