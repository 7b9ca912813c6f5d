using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>
/// date is days, timestamp and timestamptz are microseconds since 2000-01-01 (UTC for timestamptz), time is microseconds since midnight;
/// the largest and the smallest number mean infinity. The calendar is the proleptic Gregorian one, as in PostgreSQL.
/// </summary>
internal static class BinaryDateTime
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    internal static bool TryWriteText(uint typeOid, ReadOnlySpan<byte> binary, MessageWriter destination)
    {
        if (binary.Length != (typeOid == TypeOids.Date ? 4 : 8))
            return false;
        var reader = new BodyReader(binary);
        var value = typeOid == TypeOids.Date ? reader.ReadInt32() : reader.ReadInt64();
        if (typeOid == TypeOids.Time)
        {
            if (value is < 0 or > MicrosecondsPerDay)
                return false;
            CivilTime.Write(value, destination);
            return true;
        }

        var (lowest, highest) = typeOid == TypeOids.Date ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        if (value == lowest || value == highest)
        {
            destination.WriteBytes(value == lowest ? "-infinity"u8 : "infinity"u8);
            return true;
        }

        var days = typeOid == TypeOids.Date ? value : Math.DivRem(value, MicrosecondsPerDay).Quotient;
        var time = typeOid == TypeOids.Date ? 0 : value - (days * MicrosecondsPerDay);
        if (time < 0)
        {
            days--;
            time += MicrosecondsPerDay;
        }

        var isBeforeChrist = CivilDate.Write(days, destination);
        if (typeOid != TypeOids.Date)
        {
            destination.WriteByte((byte)' ');
            CivilTime.Write(time, destination);
        }

        if (typeOid == TypeOids.TimestampTz)
            destination.WriteBytes("+00"u8);
        if (isBeforeChrist)
            destination.WriteBytes(" BC"u8);
        return true;
    }

    internal static bool TryWriteBinary(uint typeOid, ReadOnlySpan<byte> text, MessageWriter destination)
    {
        if (typeOid == TypeOids.Time)
        {
            if (!CivilTime.TryRead(ref text, out var timeOnly) || !text.IsEmpty)
                return false;
            destination.WriteInt64(timeOnly);
            return true;
        }

        if (text.SequenceEqual("infinity"u8) || text.SequenceEqual("-infinity"u8))
            return WriteInfinity(typeOid, text[0] == (byte)'-', destination);
        var isBeforeChrist = text.EndsWith(" BC"u8);
        if (isBeforeChrist)
            text = text[..^3];
        if (!CivilDate.TryRead(ref text, isBeforeChrist, out var days))
            return false;
        if (typeOid == TypeOids.Date)
        {
            if (!text.IsEmpty || days is <= int.MinValue or >= int.MaxValue)
                return false;
            destination.WriteInt32((int)days);
            return true;
        }

        var time = 0L;
        if (!text.IsEmpty)
        {
            if (text[0] is not ((byte)' ' or (byte)'T'))
                return false;
            text = text[1..];
            if (!CivilTime.TryRead(ref text, out time))
                return false;
        }

        var offset = 0L;
        if (typeOid == TypeOids.TimestampTz && !CivilTime.TryReadOffset(ref text, out offset))
            return false;
        var microseconds = ((Int128)days * MicrosecondsPerDay) + time - offset;
        if (!text.IsEmpty || microseconds <= long.MinValue || microseconds >= long.MaxValue)
            return false;
        destination.WriteInt64((long)microseconds);
        return true;
    }

    private static bool WriteInfinity(uint typeOid, bool isNegative, MessageWriter destination)
    {
        if (typeOid == TypeOids.Date)
            destination.WriteInt32(isNegative ? int.MinValue : int.MaxValue);
        else
            destination.WriteInt64(isNegative ? long.MinValue : long.MaxValue);
        return true;
    }
}
