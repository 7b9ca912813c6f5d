using System.Text;
using Weir.Sql.Parsing;

namespace Weir.Sql.Tests.Parsing;

public sealed class ConcurrencyTests
{
    [Fact]
    public void Threads_share_the_pool_and_get_their_own_results()
    {
        using var parser = new PostgresParser(new ParserLimits { Deadline = TimeSpan.FromSeconds(30), MaxConcurrency = 3 });
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
    public void Nobody_waits_longer_than_the_deadline_for_a_free_parser()
    {
        using var parser = new PostgresParser(new ParserLimits { MaxConcurrency = 1, Deadline = TimeSpan.FromMilliseconds(300), MaxCommentNesting = int.MaxValue });
        byte[] slow = Encoding.UTF8.GetBytes("select 1 " + string.Concat(Enumerable.Repeat("/*", 100_000)));
        var outcomes = new ParseOutcome[3];

        Parallel.For(0, 3, new ParallelOptions { MaxDegreeOfParallelism = 3 }, i => outcomes[i] = parser.Parse(slow));

        outcomes.ShouldAllBe(o => o == new ParseRefused(ParseRefusal.TooSlow));
        using ParseOutcome next = parser.Parse("select 1"u8);
        next.ShouldBeOfType<ParsedScript>();
    }
}
