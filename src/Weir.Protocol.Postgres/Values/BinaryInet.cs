using System.Buffers.Text;
using System.Net;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>inet and cidr (network_send): family, netmask bits, is-cidr flag, address length, one byte each, then the address.</summary>
internal static class BinaryInet
{
    // PGSQL_AF_INET is the platform's AF_INET, 2 everywhere; PGSQL_AF_INET6 is one more.
    private const byte V4 = 2;
    private const byte V6 = 3;

    internal static bool TryWriteText(ReadOnlySpan<byte> binary, MessageWriter destination)
    {
        if (binary.Length < 4 || binary.Length != 4 + binary[3])
            return false;
        var fullBits = binary[0] switch { V4 => 32, V6 => 128, _ => -1 };
        var bits = binary[1];
        var isCidr = binary[2] != 0;
        if (8 * binary[3] != fullBits || bits > fullBits)
            return false;
        if (!new IPAddress(binary[4..]).TryFormat(destination.GetSpan(64), out var written))
            return false;
        destination.Advance(written);
        if (isCidr || bits != fullBits)
        {
            destination.WriteByte((byte)'/');
            BinaryScalar.WriteInteger(bits, destination);
        }

        return true;
    }

    internal static bool TryWriteBinary(ReadOnlySpan<byte> text, bool isCidr, MessageWriter destination)
    {
        var slash = text.IndexOf((byte)'/');
        var addressText = slash < 0 ? text : text[..slash];
        // The framework also reads "1", "0x7f.1" and scopes, which inet does not have.
        var isV6 = addressText.Contains((byte)':');
        if (!isV6 && addressText.Count((byte)'.') != 3)
            return false;
        if (addressText.ContainsAny((byte)'%', (byte)'x', (byte)'[') || !IPAddress.TryParse(addressText, out var address))
            return false;
        var fullBits = isV6 ? 128 : 32;
        var bits = fullBits;
        if (slash >= 0
            && (!Utf8Parser.TryParse(text[(slash + 1)..], out bits, out var consumed) || consumed != text.Length - slash - 1 || bits < 0 || bits > fullBits))
        {
            return false;
        }

        destination.WriteByte(isV6 ? V6 : V4);
        destination.WriteByte((byte)bits);
        destination.WriteByte(isCidr ? (byte)1 : (byte)0);
        destination.WriteByte((byte)(fullBits / 8));
        var span = destination.GetSpan(16);
        if (!address.TryWriteBytes(span, out var written) || written != fullBits / 8)
            return false;
        if (isCidr && HasHostBits(span[..written], bits))
            return false;
        destination.Advance(written);
        return true;
    }

    private static bool HasHostBits(ReadOnlySpan<byte> address, int bits)
    {
        for (var i = bits; i < 8 * address.Length; i++)
        {
            if ((address[i / 8] & (0x80 >> (i % 8))) != 0)
                return true;
        }

        return false;
    }
}
