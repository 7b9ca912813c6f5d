namespace Weir.ControlPlane.Domain.Tests;

public sealed class TimestampTests
{
    [Fact]
    public void Microseconds_go_there_and_back()
    {
        Timestamp.FromUnixMicros(Timestamp.UnixMicros(Samples.Now)).ShouldBe(Samples.Now);
        Timestamp.FromUnixMicros(-62_135_596_800_000_000).ShouldBe(DateTimeOffset.MinValue);
        Timestamp.UnixMicros(Timestamp.FromUnixMicros(253_402_300_799_999_999)).ShouldBe(253_402_300_799_999_999);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-62_135_596_800_000_001)]
    [InlineData(253_402_300_800_000_000)]
    [InlineData(long.MaxValue)]
    public void Instants_outside_of_the_calendar_are_refused(long micros) => Should.Throw<ArgumentOutOfRangeException>(() => Timestamp.FromUnixMicros(micros));
}
