using Weir.WebConsole.Format;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Format;

public sealed class DisplayTests
{
    [Theory]
    [InlineData(3, "just now")]
    [InlineData(-3, "in a moment")]
    [InlineData(45, "45 s ago")]
    [InlineData(-90, "in 1 min")]
    [InlineData(7200, "2 h ago")]
    [InlineData(5 * 86400, "5 d ago")]
    [InlineData(40 * 86400, "2026-01-23")]
    public void Times_are_told_from_now(int secondsAgo, string expected) => Display.Relative(Sample.Now.AddSeconds(-secondsAgo), Sample.Now).ShouldBe(expected);

    [Fact]
    public void The_exact_time_is_given_in_utc() =>
        Display.Exact(new DateTimeOffset(2026, 3, 4, 14, 0, 0, 5, TimeSpan.FromHours(2))).ShouldBe("2026-03-04 12:00:00.005 UTC");

    [Fact]
    public void A_difference_shows_changed_lines_with_their_surroundings()
    {
        var before = string.Join('\n', Enumerable.Range(0, 20));
        LineDiff.Of(before, before.Replace("10", "ten", StringComparison.Ordinal))!.Select(l => $"{l.Kind}{l.Text}")
            .ShouldBe(["…", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13", "…"]);
    }

    [Fact]
    public void Equal_texts_do_not_differ() => LineDiff.Of("a\nb", "a\nb").ShouldBe([]);

    [Fact]
    public void Texts_too_long_to_compare_are_not_compared() => LineDiff.Of(new string('\n', 5000), "").ShouldBeNull();
}
