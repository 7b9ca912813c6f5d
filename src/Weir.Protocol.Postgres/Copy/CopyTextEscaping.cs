using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>Backslash sequences of COPY's text format (PostgreSQL manual, "COPY", File Formats).</summary>
internal static class CopyTextEscaping
{
    internal static void Decode(ReadOnlySpan<byte> raw, MessageWriter destination)
    {
        var position = 0;
        while (position < raw.Length)
        {
            var offset = raw[position..].IndexOf((byte)'\\');
            if (offset < 0)
            {
                destination.WriteBytes(raw[position..]);
                return;
            }

            destination.WriteBytes(raw.Slice(position, offset));
            position += offset + 1;
            if (position == raw.Length)
                return;
            var escaped = raw[position++];
            switch (escaped)
            {
                case (byte)'b':
                    destination.WriteByte((byte)'\b');
                    break;
                case (byte)'f':
                    destination.WriteByte((byte)'\f');
                    break;
                case (byte)'n':
                    destination.WriteByte((byte)'\n');
                    break;
                case (byte)'r':
                    destination.WriteByte((byte)'\r');
                    break;
                case (byte)'t':
                    destination.WriteByte((byte)'\t');
                    break;
                case (byte)'v':
                    destination.WriteByte((byte)'\v');
                    break;
                case >= (byte)'0' and <= (byte)'7':
                    position--;
                    destination.WriteByte(ReadNumber(raw, ref position, 3, 8));
                    break;
                case (byte)'x' when position < raw.Length && char.IsAsciiHexDigit((char)raw[position]):
                    destination.WriteByte(ReadNumber(raw, ref position, 2, 16));
                    break;
                default:
                    destination.WriteByte(escaped);
                    break;
            }
        }
    }

    internal static void Encode(scoped ReadOnlySpan<byte> value, CopyFormatOptions options, MessageWriter destination)
    {
        foreach (var current in value)
        {
            var letter = current switch
            {
                (byte)'\\' => current,
                (byte)'\b' => (byte)'b',
                (byte)'\f' => (byte)'f',
                (byte)'\n' => (byte)'n',
                (byte)'\r' => (byte)'r',
                (byte)'\t' => (byte)'t',
                (byte)'\v' => (byte)'v',
                _ => current == options.Delimiter ? current : (byte)0,
            };
            if (letter != 0)
            {
                destination.WriteByte((byte)'\\');
                destination.WriteByte(letter);
            }
            else
            {
                destination.WriteByte(current);
            }
        }
    }

    private static byte ReadNumber(ReadOnlySpan<byte> raw, ref int position, int maxDigits, int radix)
    {
        var number = 0;
        for (var i = 0; i < maxDigits && position < raw.Length; i++, position++)
        {
            var digit = char.IsAsciiHexDigit((char)raw[position]) ? HexValue(raw[position]) : radix;
            if (digit >= radix)
                break;
            number = (number * radix) + digit;
        }

        return (byte)number;
    }

    private static int HexValue(byte digit) => digit switch
    {
        <= (byte)'9' => digit - '0',
        <= (byte)'F' => digit - 'A' + 10,
        _ => digit - 'a' + 10,
    };
}
