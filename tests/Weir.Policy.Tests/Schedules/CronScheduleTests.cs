using Weir.Policy.Schedules;

namespace Weir.Policy.Tests.Schedules;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("* * * * *", "2026-03-04T10:30:59Z", true)]
    [InlineData("30 10 4 3 3", "2026-03-04T10:30:00Z", true)]
    [InlineData("* 8-15 * * 1-4", "2026-03-04T15:59:00Z", true)]
    [InlineData("* 8-15 * * 1-4", "2026-03-04T16:00:00Z", false)]
    [InlineData("* 8-15 * * 1-4", "2026-03-06T10:00:00Z", false)]
    [InlineData("*/15 * * * *", "2026-03-04T10:45:00Z", true)]
    [InlineData("*/15 * * * *", "2026-03-04T10:46:00Z", false)]
    [InlineData("* * * * 7", "2026-03-01T00:00:00Z", true)]
    [InlineData("* * * * 0", "2026-03-01T00:00:00Z", true)]
    [InlineData("0 0 13 * 5", "2026-03-13T00:00:00Z", true)]
    [InlineData("0 0 13 * 5", "2026-03-06T00:00:00Z", true)]
    [InlineData("0 0 13 * 5", "2026-03-07T00:00:00Z", false)]
    [InlineData("0,30 1-3/2 * * *", "2026-03-04T03:30:00Z", true)]
    [InlineData("0,30 1-3/2 * * *", "2026-03-04T02:30:00Z", false)]
    [InlineData("* 10 * * *", "2026-03-04T11:30:00+01:00", true)]
    public void A_minute_is_in_or_out(string text, string at, bool contains)
    {
        CronSchedule.TryParse(text, out var schedule, out string? fault).ShouldBeTrue(fault);
        schedule.Contains(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(contains);
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("a * * * *")]
    [InlineData("1, * * * *")]
    public void Everything_else_is_refused(string text) => CronSchedule.TryParse(text, out _, out _).ShouldBeFalse();
}
