using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>Booleans, integers and floating point, big-endian on the wire.</summary>
internal static class BinaryScalar
{
    internal static bool TryWriteText(uint typeOid, ReadOnlySpan<byte> binary, MessageWriter destination)
    {
        switch (typeOid)
        {
            case TypeOids.Bool when binary.Length == 1 && binary[0] <= 1:
                destination.WriteByte(binary[0] == 1 ? (byte)'t' : (byte)'f');
                return true;
            case TypeOids.Int2 when binary.Length == 2:
                return WriteInteger(BinaryPrimitives.ReadInt16BigEndian(binary), destination);
            case TypeOids.Int4 when binary.Length == 4:
                return WriteInteger(BinaryPrimitives.ReadInt32BigEndian(binary), destination);
            case TypeOids.Oid when binary.Length == 4:
                return WriteInteger(BinaryPrimitives.ReadUInt32BigEndian(binary), destination);
            case TypeOids.Int8 when binary.Length == 8:
                return WriteInteger(BinaryPrimitives.ReadInt64BigEndian(binary), destination);
            case TypeOids.Float4 when binary.Length == 4:
                return WriteFloat(BinaryPrimitives.ReadSingleBigEndian(binary), destination);
            case TypeOids.Float8 when binary.Length == 8:
                return WriteFloat(BinaryPrimitives.ReadDoubleBigEndian(binary), destination);
            default:
                return false;
        }
    }

    internal static bool TryWriteBinary(uint typeOid, ReadOnlySpan<byte> text, MessageWriter destination)
    {
        switch (typeOid)
        {
            case TypeOids.Bool:
                return WriteBool(text, destination);
            case TypeOids.Float4:
                if (!TryParseFloat<float>(text, out var single))
                    return false;
                destination.WriteInt32(BitConverter.SingleToInt32Bits(single));
                return true;
            case TypeOids.Float8:
                if (!TryParseFloat<double>(text, out var number))
                    return false;
                destination.WriteInt64(BitConverter.DoubleToInt64Bits(number));
                return true;
        }

        if (!Utf8Parser.TryParse(text, out long integer, out var consumed) || consumed != text.Length)
            return false;
        switch (typeOid)
        {
            case TypeOids.Int2 when integer is >= short.MinValue and <= short.MaxValue:
                destination.WriteInt16((short)integer);
                return true;
            case TypeOids.Int4 when integer is >= int.MinValue and <= int.MaxValue:
                destination.WriteInt32((int)integer);
                return true;
            case TypeOids.Oid when integer is >= 0 and <= uint.MaxValue:
                destination.WriteUInt32((uint)integer);
                return true;
            case TypeOids.Int8:
                destination.WriteInt64(integer);
                return true;
            default:
                return false;
        }
    }

    internal static bool WriteInteger(long value, MessageWriter destination)
    {
        Utf8Formatter.TryFormat(value, destination.GetSpan(20), out var written);
        destination.Advance(written);
        return true;
    }

    private static bool WriteBool(ReadOnlySpan<byte> text, MessageWriter destination)
    {
        if (text.SequenceEqual("t"u8) || text.SequenceEqual("true"u8))
            destination.WriteByte(1);
        else if (text.SequenceEqual("f"u8) || text.SequenceEqual("false"u8))
            destination.WriteByte(0);
        else
            return false;
        return true;
    }

    // "R" is the shortest text that reads back the same, as PostgreSQL prints since version 12; it may turn to an exponent at another size.
    private static bool WriteFloat<T>(T value, MessageWriter destination)
        where T : IUtf8SpanFormattable, System.Numerics.IFloatingPointIeee754<T>
    {
        if (T.IsNaN(value))
        {
            destination.WriteBytes("NaN"u8);
            return true;
        }

        if (T.IsInfinity(value))
        {
            destination.WriteBytes(T.IsNegative(value) ? "-Infinity"u8 : "Infinity"u8);
            return true;
        }

        var span = destination.GetSpan(32);
        if (!value.TryFormat(span, out var written, "r", CultureInfo.InvariantCulture))
            return false;
        span[..written].Replace((byte)'E', (byte)'e');
        destination.Advance(written);
        return true;
    }

    private static bool TryParseFloat<T>(ReadOnlySpan<byte> text, out T value)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!T.TryParse(text, Style, CultureInfo.InvariantCulture, out value!))
            return false;
        // The framework's own NaN has its sign bit set, the server's has not.
        value = T.IsNaN(value) ? T.Abs(value) : value;
        return true;
    }
}
