using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>
/// Values of PostgreSQL's binary format as text, for people who read a recording. What is not known, or does not have the length it should, is shown
/// as bytes in hexadecimal, as PostgreSQL shows a bytea.
/// </summary>
internal static class PostgresValueText
{
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static string Of(ReadOnlySpan<byte> value, uint typeOid, bool isBinary) => isBinary ? OfBinary(value, typeOid) : Encoding.UTF8.GetString(value);

    private static string OfBinary(ReadOnlySpan<byte> value, uint typeOid)
    {
        var known = (typeOid, value.Length) switch
        {
            (16, 1) => value[0] == 0 ? "f" : "t",
            (21, 2) => BinaryPrimitives.ReadInt16BigEndian(value).ToString(CultureInfo.InvariantCulture),
            (23, 4) => BinaryPrimitives.ReadInt32BigEndian(value).ToString(CultureInfo.InvariantCulture),
            (20, 8) => BinaryPrimitives.ReadInt64BigEndian(value).ToString(CultureInfo.InvariantCulture),
            (26, 4) => BinaryPrimitives.ReadUInt32BigEndian(value).ToString(CultureInfo.InvariantCulture),
            (700, 4) => BinaryPrimitives.ReadSingleBigEndian(value).ToString("R", CultureInfo.InvariantCulture),
            (701, 8) => BinaryPrimitives.ReadDoubleBigEndian(value).ToString("R", CultureInfo.InvariantCulture),
            (18 or 19 or 25 or 114 or 1042 or 1043, _) => Encoding.UTF8.GetString(value),
            (3802, > 0) when value[0] == 1 => Encoding.UTF8.GetString(value[1..]),
            (2950, 16) => new Guid(value, bigEndian: true).ToString(),
            (1082, 4) => Date(BinaryPrimitives.ReadInt32BigEndian(value)),
            (1114, 8) => Instant(BinaryPrimitives.ReadInt64BigEndian(value), ""),
            (1184, 8) => Instant(BinaryPrimitives.ReadInt64BigEndian(value), "+00"),
            (1700, >= 8) => Numeric(value),
            _ => null,
        };
        return known ?? "\\x" + Convert.ToHexStringLower(value);
    }

    private static string? Date(int days) => days switch
    {
        int.MaxValue => "infinity",
        int.MinValue => "-infinity",
        < -730_119 or > 2_921_939 => null,
        _ => Epoch.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    private static string? Instant(long micros, string zone) => micros switch
    {
        long.MaxValue => "infinity",
        long.MinValue => "-infinity",
        < -63_000_000_000_000_000 or > 252_000_000_000_000_000 => null,
        _ => Epoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + zone,
    };

    // Digits of base 10,000 (PostgreSQL source: numeric_send).
    private static string? Numeric(ReadOnlySpan<byte> value)
    {
        int count = BinaryPrimitives.ReadInt16BigEndian(value);
        int weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(value[4..]);
        int scale = BinaryPrimitives.ReadInt16BigEndian(value[6..]);
        switch (sign)
        {
            case 0xC000:
                return "NaN";
            case 0xD000:
                return "Infinity";
            case 0xF000:
                return "-Infinity";
        }

        if (count < 0 || value.Length != 8 + (2 * count) || sign is not (0 or 0x4000) || scale is < 0 or > 16_383 || weight is < -5000 or > 5000)
        {
            return null;
        }

        var text = new StringBuilder(sign == 0x4000 ? "-" : "");
        var start = text.Length;
        for (var i = 0; i <= weight; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Digit(value, i, count):D4}");
        }

        while (text.Length > start + 1 && text[start] == '0')
        {
            text.Remove(start, 1);
        }

        if (text.Length == start)
        {
            text.Append('0');
        }

        if (scale > 0)
        {
            text.Append('.');
            var end = text.Length + scale;
            for (var i = weight + 1; text.Length < end; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Digit(value, i, count):D4}");
            }

            text.Length = end;
        }

        return text.ToString();

        static int Digit(ReadOnlySpan<byte> value, int index, int count) =>
            index >= 0 && index < count ? BinaryPrimitives.ReadUInt16BigEndian(value[(8 + (2 * index))..]) : 0;
    }
}
