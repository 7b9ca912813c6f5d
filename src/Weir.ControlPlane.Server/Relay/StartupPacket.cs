using System.Buffers.Binary;
using System.Text;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>
/// The first packet of a PostgreSQL connection (manual, "Message Formats": SSLRequest, GSSENCRequest, CancelRequest, StartupMessage):
/// Int32 length including itself, Int32 code, then what the code says. The relay reads nothing else of the protocol.
/// </summary>
internal sealed record StartupPacket(StartupPacketKind Kind, byte[] Bytes)
{
    /// <summary>PostgreSQL's MAX_STARTUP_PACKET_LENGTH.</summary>
    public const int MaxLength = 10_000;

    private const int CancelRequestCode = 80877102;
    private const int SslRequestCode = 80877103;
    private const int GssEncryptionRequestCode = 80877104;

    /// <summary>Process id of a CancelRequest.</summary>
    public int ProcessId => BinaryPrimitives.ReadInt32BigEndian(Bytes.AsSpan(8));

    /// <summary>Secret key of a CancelRequest: 4 bytes in protocol 3.0, up to 256 in 3.2.</summary>
    public ReadOnlySpan<byte> CancelKey => Bytes.AsSpan(12);

    /// <summary>Reads one packet whose first bytes were read already.</summary>
    /// <param name="first">Bytes that are known to belong to the packet, at most 8.</param>
    /// <returns>Null when the peer closed before the first byte.</returns>
    /// <exception cref="RelayProtocolException">A length or code that PostgreSQL would not accept.</exception>
    public static async Task<StartupPacket?> ReadAsync(Stream stream, ReadOnlyMemory<byte> first, CancellationToken cancellationToken)
    {
        var head = new byte[8];
        first.CopyTo(head);
        var had = first.Length;
        var read = await stream.ReadAtLeastAsync(head.AsMemory(had), 8 - had, throwOnEndOfStream: false, cancellationToken);
        if (had + read == 0)
        {
            return null;
        }

        if (had + read < 8)
        {
            throw new RelayProtocolException("the connection ended inside the startup packet");
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (length is < 8 or > MaxLength)
        {
            throw new RelayProtocolException("invalid length of startup packet");
        }

        var bytes = new byte[length];
        head.CopyTo(bytes, 0);
        await stream.ReadExactlyAsync(bytes.AsMemory(8), cancellationToken);
        var kind = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) switch
        {
            SslRequestCode when length == 8 => StartupPacketKind.SslRequest,
            GssEncryptionRequestCode when length == 8 => StartupPacketKind.GssEncryptionRequest,
            CancelRequestCode when length is >= 16 and <= 12 + 256 => StartupPacketKind.CancelRequest,
            SslRequestCode or GssEncryptionRequestCode or CancelRequestCode => throw new RelayProtocolException("invalid length of startup packet"),
            _ => StartupPacketKind.StartupMessage,
        };
        return new StartupPacket(kind, bytes);
    }

    /// <summary>The <c>user</c> and <c>database</c> of a StartupMessage; null where missing or not UTF-8. The agent judges the rest.</summary>
    public (string? User, string? Database) Names()
    {
        string? user = null, database = null;
        var rest = Bytes.AsSpan(8);
        while (TryTake(ref rest, out var key) && key.Length > 0 && TryTake(ref rest, out var value))
        {
            if (key == "user")
            {
                user = value;
            }
            else if (key == "database")
            {
                database = value;
            }
        }

        return (user, database ?? user);
    }

    private static bool TryTake(ref Span<byte> rest, out string text)
    {
        var end = rest.IndexOf((byte)0);
        if (end < 0)
        {
            text = "";
            return false;
        }

        text = Encoding.UTF8.GetString(rest[..end]);
        rest = rest[(end + 1)..];
        return true;
    }
}
