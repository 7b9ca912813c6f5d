using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>Microseconds since midnight to and from <c>HH:MM:SS[.ffffff]</c>, and the offset of a zone.</summary>
internal static class CivilTime
{
    private const long MicrosecondsPerSecond = 1_000_000;

    internal static void Write(long microseconds, MessageWriter destination)
    {
        var seconds = microseconds / MicrosecondsPerSecond;
        CivilDate.WritePadded(seconds / 3600, 2, destination);
        destination.WriteByte((byte)':');
        CivilDate.WritePadded(seconds / 60 % 60, 2, destination);
        destination.WriteByte((byte)':');
        CivilDate.WritePadded(seconds % 60, 2, destination);
        var fraction = microseconds % MicrosecondsPerSecond;
        if (fraction == 0)
            return;
        byte digits = 6;
        for (; fraction % 10 == 0; fraction /= 10)
            digits--;
        destination.WriteByte((byte)'.');
        CivilDate.WritePadded(fraction, digits, destination);
    }

    /// <summary>Reads a time from the front of the text; 24:00:00 is the end of the day.</summary>
    internal static bool TryRead(ref ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (!CivilDate.TryReadNumber(ref text, 2, 2, out var hours) || !CivilDate.TrySkip(ref text, (byte)':')
            || !CivilDate.TryReadNumber(ref text, 2, 2, out var minutes))
        {
            return false;
        }

        var seconds = 0;
        var fraction = 0;
        if (CivilDate.TrySkip(ref text, (byte)':'))
        {
            if (!CivilDate.TryReadNumber(ref text, 2, 2, out seconds))
                return false;
            if (CivilDate.TrySkip(ref text, (byte)'.'))
            {
                var before = text.Length;
                if (!CivilDate.TryReadNumber(ref text, 1, 6, out fraction))
                    return false;
                for (var digits = before - text.Length; digits < 6; digits++)
                    fraction *= 10;
            }
        }

        if (hours > 24 || minutes > 59 || seconds > 59)
            return false;
        microseconds = (((((hours * 60L) + minutes) * 60) + seconds) * MicrosecondsPerSecond) + fraction;
        return microseconds <= 24L * 3600 * MicrosecondsPerSecond;
    }

    /// <summary>Reads <c>Z</c>, <c>±HH</c>, <c>±HH:MM</c> or <c>±HH:MM:SS</c>; nothing at all is UTC. Microseconds east of it.</summary>
    internal static bool TryReadOffset(ref ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (text.IsEmpty || CivilDate.TrySkip(ref text, (byte)'Z'))
            return true;
        var isWest = text[0] == (byte)'-';
        if (!isWest && text[0] != (byte)'+')
            return false;
        text = text[1..];
        var minutes = 0;
        var seconds = 0;
        if (!CivilDate.TryReadNumber(ref text, 2, 2, out var hours)
            || (CivilDate.TrySkip(ref text, (byte)':') && !CivilDate.TryReadNumber(ref text, 2, 2, out minutes))
            || (CivilDate.TrySkip(ref text, (byte)':') && !CivilDate.TryReadNumber(ref text, 2, 2, out seconds))
            || hours > 15 || minutes > 59 || seconds > 59)
        {
            return false;
        }

        var offset = ((((hours * 60L) + minutes) * 60) + seconds) * MicrosecondsPerSecond;
        microseconds = isWest ? -offset : offset;
        return true;
    }
}
