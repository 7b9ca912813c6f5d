using CsCheck;
using Weir.Policy.Documents;

namespace Weir.Policy.Tests.Documents;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("15m", 900)]
    [InlineData("4h", 14_400)]
    [InlineData("1h30m", 5_400)]
    [InlineData("7d", 604_800)]
    [InlineData("90s", 90)]
    public void Units_add_up(string text, int seconds)
    {
        DurationText.TryParse(text, out var duration).ShouldBeTrue();
        duration.TotalSeconds.ShouldBe(seconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("15")]
    [InlineData("m")]
    [InlineData("15 m")]
    [InlineData("30m1h")]
    [InlineData("1h1h")]
    [InlineData("-1h")]
    [InlineData("0m")]
    [InlineData("1.5h")]
    [InlineData("999999999d")]
    [InlineData("15M")]
    public void Everything_else_is_no_duration(string text) => DurationText.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Every_duration_reads_back_as_written()
        => Gen.Int[1, 366 * 86_400].Sample(seconds =>
        {
            DurationText.TryParse(DurationText.Format(TimeSpan.FromSeconds(seconds)), out var read).ShouldBeTrue();
            read.TotalSeconds.ShouldBe(seconds);
        });
}
