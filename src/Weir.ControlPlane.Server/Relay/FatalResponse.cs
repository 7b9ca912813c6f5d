using System.Buffers.Binary;
using System.Text;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>An ErrorResponse of severity FATAL, for clients that the relay can't pass on.</summary>
internal static class FatalResponse
{
    public static byte[] Create(string sqlState, string message, string? hint = null)
    {
        var fields = $"SFATAL\0VFATAL\0C{sqlState}\0M{message}\0{(hint is null ? "" : $"H{hint}\0")}\0";
        var body = Encoding.UTF8.GetBytes(fields);
        var packet = new byte[5 + body.Length];
        packet[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(1), 4 + body.Length);
        body.CopyTo(packet, 5);
        return packet;
    }
}
