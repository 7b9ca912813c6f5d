using System.Buffers;

namespace Weir.Policy.Masking;

/// <summary>
/// <c>truncate</c>: dates and times lose what is finer than the unit. Reads ISO style (as DateStyle ISO writes it); everything else is redacted.
/// </summary>
internal sealed class TruncateMasker : Masker
{
    private static readonly SearchValues<byte> SecondsBytes = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> ZoneBytes = SearchValues.Create("+-0123456789:"u8);

    private readonly int _unit;

    /// <param name="unit">year, month, day or hour.</param>
    public TruncateMasker(string unit) => _unit = unit switch { "year" => 0, "month" => 1, "day" => 2, _ => 3 };

    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Json)
            return JsonLeaves.Mask(textValue, this, output);
        if (kind is not (ValueKind.Date or ValueKind.Timestamp) || !IsIsoDate(textValue))
            return FixedValues.Write(textValue, kind, output);

        var to = output.GetSpan(textValue.Length + 12);
        textValue[..10].CopyTo(to);
        if (_unit < 1)
            "01"u8.CopyTo(to[5..]);
        if (_unit < 2)
            "01"u8.CopyTo(to[8..]);
        int length = 10;
        if (kind == ValueKind.Timestamp)
        {
            if (!TryReadTime(textValue[10..], out var hour, out var zone))
                return FixedValues.Write(textValue, kind, output);
            to[10] = (byte)' ';
            if (_unit == 3)
                hour.CopyTo(to[11..]);
            else
                "00"u8.CopyTo(to[11..]);
            ":00:00"u8.CopyTo(to[13..]);
            zone.CopyTo(to[19..]);
            length = 19 + zone.Length;
        }
        else if (textValue.Length != 10)
        {
            return FixedValues.Write(textValue, kind, output);
        }

        output.Advance(length);
        return MaskResult.Written;
    }

    // yyyy-mm-dd with four digits of year; later years and BC are redacted.
    private static bool IsIsoDate(ReadOnlySpan<byte> text)
    {
        if (text.Length < 10)
            return false;
        for (int i = 0; i < 10; i++)
        {
            bool isRight = i is 4 or 7 ? text[i] == '-' : char.IsAsciiDigit((char)text[i]);
            if (!isRight)
                return false;
        }

        return true;
    }

    // " hh:mm:ss[.ffffff][±hh[:mm[:ss]]]"
    private static bool TryReadTime(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> hour, out ReadOnlySpan<byte> zone)
    {
        hour = default;
        zone = default;
        if (text.Length < 9 || text[0] != ' ' || text[3] != ':' || text[6] != ':' || text.Length > 32)
            return false;
        hour = text.Slice(1, 2);
        int sign = text[7..].IndexOfAny((byte)'+', (byte)'-');
        if (sign >= 0)
            zone = text[(7 + sign)..];
        var seconds = sign >= 0 ? text.Slice(7, sign) : text[7..];
        return seconds.IndexOfAnyExcept(SecondsBytes) < 0 && zone.IndexOfAnyExcept(ZoneBytes) < 0 && hour.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }
}
