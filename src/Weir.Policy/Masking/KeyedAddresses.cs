using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace Weir.Policy.Masking;

/// <summary>Fakes of inet and cidr values: an address of the same family with the same netmask; different addresses have different fakes.</summary>
internal static class KeyedAddresses
{
    public static MaskResult Write(byte[] key, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        string text = Encoding.ASCII.GetString(value);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
            return FixedValues.Write(value, ValueKind.Network, output);
        byte[] bytes = address.GetAddressBytes();
        int length = 8 * bytes.Length;
        if (slash < 0 || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int network) || network > length)
            network = length;

        Span<byte> bits = stackalloc byte[128];
        Span<byte> radices = stackalloc byte[128];
        radices.Fill(2);
        for (int i = 0; i < length; i++)
            bits[i] = (byte)((bytes[i / 8] >> (7 - (i % 8))) & 1);

        // A network's address keeps its zeros (cidr allows nothing else), and a host's does not become one.
        bool isNetwork = network > 0 && network < length && !bits[network..length].ContainsAnyExcept((byte)0);
        int permuted = isNetwork ? network : length;
        Span<byte> tweak = stackalloc byte[KeyedPermutation.TweakLength];
        KeyedPermutation.Tweak(key, [(byte)'n', (byte)length, (byte)network, (byte)(isNetwork ? 1 : 0)], tweak);
        do
        {
            KeyedPermutation.Apply(key, tweak, radices[..permuted], bits[..permuted]);
        }
        while (!isNetwork && network > 0 && network < length && !bits[network..length].ContainsAnyExcept((byte)0));

        Array.Clear(bytes);
        for (int i = 0; i < length; i++)
            bytes[i / 8] |= (byte)(bits[i] << (7 - (i % 8)));
        return KeyedValues.Put(output, new IPAddress(bytes) + (slash < 0 ? "" : text[slash..]));
    }
}
