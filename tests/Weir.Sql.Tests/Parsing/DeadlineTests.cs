using System.Diagnostics;
using Weir.Sql.Parsing;

namespace Weir.Sql.Tests.Parsing;

public sealed class DeadlineTests
{
    private static readonly long Hour = (long)TimeSpan.FromHours(1).TotalSeconds * Stopwatch.Frequency;

    [Fact]
    public void Time_that_the_machine_gave_to_others_is_not_counted()
    {
        using var instance = Create(TimeSpan.FromSeconds(5));
        long start = Stopwatch.GetTimestamp();

        instance.InterruptIfLate(start).ShouldBeTrue();
        // The thread has done next to nothing in this half of an hour.
        instance.InterruptIfLate(start + (Hour / 2)).ShouldBeTrue();
        instance.Finish();

        instance.IsReusable(uint.MaxValue).ShouldBeTrue();
    }

    [Fact]
    public void Work_beyond_the_allowance_is_interrupted()
    {
        using var instance = Create(TimeSpan.FromMilliseconds(5));
        long now = Stopwatch.GetTimestamp();

        instance.InterruptIfLate(now).ShouldBeTrue();
        Work(TimeSpan.FromMilliseconds(6));
        instance.InterruptIfLate(now).ShouldBeTrue();
        instance.Finish();

        instance.IsReusable(uint.MaxValue).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_runs_for_ever_on_a_machine_that_gives_it_no_time()
    {
        using var instance = Create(TimeSpan.FromSeconds(5));

        instance.InterruptIfLate(Stopwatch.GetTimestamp() + Hour + Stopwatch.Frequency).ShouldBeTrue();
        instance.Finish();

        instance.IsReusable(uint.MaxValue).ShouldBeFalse();
    }

    private static ParserInstance Create(TimeSpan allowance)
    {
        ThreadClock.Current.ShouldNotBe(0);
        ParserInstance instance = ParserInstance.TryCreate(160).ShouldNotBeNull();
        instance.Start(Stopwatch.GetTimestamp() + Hour, allowance);
        return instance;
    }

    private static void Work(TimeSpan time)
    {
        long until = ThreadClock.Read(ThreadClock.Current)!.Value + (long)time.TotalNanoseconds;
        while (ThreadClock.Read(ThreadClock.Current) < until)
        {
        }
    }
}
