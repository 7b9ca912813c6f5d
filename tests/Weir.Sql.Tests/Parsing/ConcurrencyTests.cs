using System.Text;
using Weir.Sql.Parsing;

namespace Weir.Sql.Tests.Parsing;

public sealed class ConcurrencyTests
{
    [Fact]
    public void Threads_share_the_pool_and_get_their_own_results()
    {
        using var parser = new PostgresParser(new ParserLimits { Deadline = TimeSpan.FromSeconds(30), MaxWait = TimeSpan.FromSeconds(30), MaxConcurrency = 3 });
        byte[] hostile = Encoding.UTF8.GetBytes("select 1" + string.Concat(Enumerable.Repeat("+1", 9_000)));
        int wrong = 0;

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            for (int i = 0; i < 200; i++)
            {
                if (i % 50 == 0)
                {
                    using ParseOutcome refused = parser.Parse(hostile);
                    if (refused is not ParseRefused { Reason: ParseRefusal.TooDeep })
                        Interlocked.Increment(ref wrong);
                }

                string name = $"t_{worker}_{i}";
                using ParseOutcome outcome = parser.Parse(Encoding.UTF8.GetBytes($"delete from {name}"));
                if (outcome is not ParsedScript script
                    || script.Statements[0].Node.GetProperty("DeleteStmt").GetProperty("relation").GetProperty("relname").GetString() != name)
                    Interlocked.Increment(ref wrong);
            }
        });

        wrong.ShouldBe(0);
    }

    [Fact]
    public void Thread_with_a_small_stack_parses_too()
    {
        using var parser = new PostgresParser();
        string deep = "select " + new string('(', 3_000) + "1" + new string(')', 3_000);
        ParseOutcome? outcome = null;
        var thread = new Thread(() => outcome = parser.Parse(Encoding.UTF8.GetBytes(deep)), maxStackSize: 256 * 1024);

        thread.Start();
        thread.Join();

        outcome.ShouldBeOfType<ParsedScript>().Dispose();
    }

    [Fact]
    public void Hostile_texts_of_others_make_a_caller_wait_and_not_fail()
    {
        using var parser = new PostgresParser(SlowLimits with { Deadline = TimeSpan.FromMilliseconds(200), MaxWait = TimeSpan.FromSeconds(30) });
        var outcomes = new ParseOutcome[4];

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => outcomes[i] = parser.Parse(i == 3 ? "select 1"u8 : SlowText));

        outcomes[..3].ShouldAllBe(o => o == new ParseRefused(ParseRefusal.TooSlow));
        using ParseOutcome normal = outcomes[3];
        normal.ShouldBeOfType<ParsedScript>();
    }

    [Fact]
    public void Nobody_waits_for_ever_for_a_free_parser()
    {
        using var parser = new PostgresParser(SlowLimits with { Deadline = TimeSpan.FromSeconds(3), MaxWait = TimeSpan.Zero });
        Thread holder = Hold(parser, _ => { });

        parser.Parse("select 1"u8).ShouldBe(new ParseRefused(ParseRefusal.TooSlow));

        holder.Join();
    }

    [Fact]
    public void Disposing_ends_a_parse_that_is_under_way()
    {
        var parser = new PostgresParser(SlowLimits with { Deadline = TimeSpan.FromSeconds(60), MaxWait = TimeSpan.Zero });
        ParseOutcome? outcome = null;
        Thread holder = Hold(parser, o => outcome = o);

        parser.Dispose();

        holder.Join(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        outcome.ShouldBe(new ParseRefused(ParseRefusal.TooSlow));
        Should.Throw<ObjectDisposedException>(() => parser.Parse("select 1"u8));
    }

    /// <summary>Occupies the only parser, and returns when it does.</summary>
    private static Thread Hold(PostgresParser parser, Action<ParseOutcome> report)
    {
        var thread = new Thread(() => report(parser.Parse(SlowText)));
        thread.Start();
        SpinWait.SpinUntil(() => parser.IsBusy, TimeSpan.FromSeconds(20)).ShouldBeTrue();
        return thread;
    }

    private static ParserLimits SlowLimits { get; } = new() { MaxConcurrency = 1, MaxCommentNesting = int.MaxValue };

    private static byte[] SlowText { get; } = Encoding.UTF8.GetBytes("select 1 " + string.Concat(Enumerable.Repeat("/*", 100_000)));
}
