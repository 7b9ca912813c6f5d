using System.Buffers.Binary;

namespace Weir.Protocol.Postgres.Framing;

/// <summary>
/// A packet before startup is over: a length that counts itself, then a code word (a protocol version, or one of three magic
/// numbers), no type byte. PostgreSQL accepts 4 to 10,000 bytes after the length.
/// </summary>
public readonly ref struct StartupPacket
{
    /// <summary>First byte of a TLS record with a handshake: direct TLS (<c>sslnegotiation=direct</c>) instead of a startup packet.</summary>
    public const byte TlsHandshakeByte = 0x16;

    /// <summary>1234.5678</summary>
    public const int CancelRequestCode = (1234 << 16) | 5678;

    /// <summary>1234.5679</summary>
    public const int SslRequestCode = (1234 << 16) | 5679;

    /// <summary>1234.5680</summary>
    public const int GssEncRequestCode = (1234 << 16) | 5680;

    private StartupPacket(int code, ReadOnlySpan<byte> bytes)
    {
        Code = code;
        Bytes = bytes;
    }

    public int Code { get; }

    /// <summary>Length, code word and body.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>What follows the code word.</summary>
    public ReadOnlySpan<byte> Body => Bytes[8..];

    public StartupPacketKind Kind => Code switch
    {
        CancelRequestCode => StartupPacketKind.CancelRequest,
        SslRequestCode => StartupPacketKind.SslRequest,
        GssEncRequestCode => StartupPacketKind.GssEncRequest,
        _ => StartupPacketKind.StartupMessage,
    };

    /// <summary>
    /// Reads the packet at the front of <paramref name="buffer"/>. False: <paramref name="missingBytes"/> more bytes are needed at
    /// least. Bytes behind the packet are left alone; after an SSLRequest or GSSENCRequest there must be none (check
    /// <c>Bytes.Length</c> against the buffer), or an attacker could have put them in front of the encrypted stream.
    /// </summary>
    /// <exception cref="ProtocolViolationException">The length is impossible, or SSLRequest or GSSENCRequest carries a body.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, ProtocolLimits limits, out StartupPacket packet, out int missingBytes)
    {
        packet = default;
        if (buffer.Length < 4)
        {
            missingBytes = 8 - buffer.Length;
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(buffer);
        if (length < 8 || length - 4 > limits.MaxStartupBody)
            Violation.InvalidLength("invalid length of startup packet");
        if (buffer.Length < length)
        {
            missingBytes = length - buffer.Length;
            return false;
        }

        missingBytes = 0;
        packet = new StartupPacket(BinaryPrimitives.ReadInt32BigEndian(buffer[4..]), buffer[..length]);
        if (packet.Kind is StartupPacketKind.SslRequest or StartupPacketKind.GssEncRequest && length != 8)
            Violation.ThrowFatal("invalid length of startup packet");
        return true;
    }
}
