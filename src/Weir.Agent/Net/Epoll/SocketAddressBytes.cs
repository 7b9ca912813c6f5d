using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Agent.Net.Epoll;

/// <summary>Addresses in the layout of the system calls: sockaddr_in, sockaddr_in6, sockaddr_un (ip(7), ipv6(7), unix(7)).</summary>
internal static class SocketAddressBytes
{
    /// <summary>Room for any of them.</summary>
    public const int MaxSize = 128;

    public static byte[] Of(IPAddress address, int port)
    {
        var isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var bytes = new byte[isV6 ? 28 : 16];
        BitConverter.TryWriteBytes(bytes, (ushort)(isV6 ? Libc.FamilyIPv6 : Libc.FamilyIPv4));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)port);
        address.TryWriteBytes(bytes.AsSpan(isV6 ? 8 : 4), out _);
        if (isV6)
            BitConverter.TryWriteBytes(bytes.AsSpan(24), (uint)address.ScopeId);
        return bytes;
    }

    /// <exception cref="ArgumentException">The path is longer than the system allows.</exception>
    public static byte[] OfUnix(string path)
    {
        var text = Encoding.UTF8.GetBytes(path);
        if (text.Length > 107)
            throw new ArgumentException("The path of a Unix socket has at most 107 bytes.", nameof(path));
        var bytes = new byte[2 + text.Length + 1];
        BitConverter.TryWriteBytes(bytes, (ushort)Libc.FamilyUnix);
        text.CopyTo(bytes, 2);
        return bytes;
    }

    /// <summary>The IP address of a peer, IPv4 also where the system maps it into IPv6; null for Unix sockets.</summary>
    public static IPAddress? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
            return null;
        switch (BitConverter.ToUInt16(bytes))
        {
            case Libc.FamilyIPv4 when bytes.Length >= 16:
                return new IPAddress(bytes.Slice(4, 4));
            case Libc.FamilyIPv6 when bytes.Length >= 28:
                var address = new IPAddress(bytes.Slice(8, 16));
                return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            default:
                return null;
        }
    }
}
