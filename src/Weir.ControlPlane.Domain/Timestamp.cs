namespace Weir.ControlPlane.Domain;

/// <summary>Instants as the database keeps them: UTC, whole microseconds. What is hashed must be what can be read back.</summary>
public static class Timestamp
{
    public static DateTimeOffset Truncate(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public static long UnixMicros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <exception cref="ArgumentOutOfRangeException">Outside the years 1 to 9999.</exception>
    public static DateTimeOffset FromUnixMicros(long micros)
    {
        const long min = -62_135_596_800_000_000, max = 253_402_300_799_999_999;
        ArgumentOutOfRangeException.ThrowIfLessThan(micros, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(micros, max);
        return DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
    }
}
