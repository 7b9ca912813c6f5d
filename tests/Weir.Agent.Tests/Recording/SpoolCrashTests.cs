using System.Diagnostics;
using System.Globalization;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Recording;

public sealed class SpoolCrashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_statement_that_was_taken_survives_kill_9(bool flushes)
    {
        using var directory = new TemporaryDirectory();
        var taken = await RunAndKillChildAsync(directory.Path, flushes, afterStatements: 2_000);

        using var spool = Spool.Open(directory.Path, 64L * 1024 * 1024);
        using var reader = new SpoolReader(spool);
        var serialized = new List<Google.Protobuf.ByteString>();
        while (reader.Read(256 * 1024) is { } batch)
            serialized.AddRange(batch.Events);
        SpoolFixture.ShouldBeChained(serialized);
        var events = serialized.Select(SessionEvent.Parser.ParseFrom).ToList();
        events[0].BodyCase.ShouldBe(SessionEvent.BodyOneofCase.Started);
        var statements = events.Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Statement).Select(e => e.Statement.Statement).ToList();
        statements.ShouldBe(Enumerable.Range(1, statements.Count).Select(i => (long)i));
        statements.Count.ShouldBeGreaterThanOrEqualTo((int)taken);
    }

    [Fact]
    public async Task The_session_of_a_killed_agent_is_sealed_at_the_next_start()
    {
        using var directory = new TemporaryDirectory();
        await RunAndKillChildAsync(directory.Path, flushes: true, afterStatements: 50);

        using var spool = Spool.Open(directory.Path, 64L * 1024 * 1024);
        var recorder = new Recorder(spool, default, new Policies.PolicyHolderFixture().Holder, Guid.NewGuid(), Guid.NewGuid(), TimeProvider.System);
        recorder.SealAbandoned().ShouldBe(1);
        spool.Flush().ShouldBeTrue();
        using var reader = new SpoolReader(spool);
        var serialized = new List<Google.Protobuf.ByteString>();
        while (reader.Read(256 * 1024) is { } batch)
            serialized.AddRange(batch.Events);
        SpoolFixture.ShouldBeChained(serialized);
        var events = serialized.Select(SessionEvent.Parser.ParseFrom).ToList();
        events[^1].Ended.Reason.ShouldBe("failed");
        events[^1].Ended.Statements.ShouldBe(events.Count(e => e.BodyCase == SessionEvent.BodyOneofCase.Statement));
        events.Count(e => e.BodyCase == SessionEvent.BodyOneofCase.Finished).ShouldBe((int)events[^1].Ended.Statements);
        spool.OpenSessions().ShouldBeEmpty();
    }

    // The number of the last statement that the child told of.
    private static async Task<long> RunAndKillChildAsync(string directory, bool flushes, int afterStatements)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Weir.Agent.Tests")) { RedirectStandardOutput = true };
        start.Environment[SpoolChild.DirectoryVariable] = directory;
        if (flushes)
            start.Environment[SpoolChild.FlushVariable] = "1";
        using var child = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var told = 0L;
        while (told < afterStatements)
        {
            var line = await child.StandardOutput.ReadLineAsync(deadline.Token) ?? throw new InvalidOperationException("The child ended by itself.");
            told = long.Parse(line, CultureInfo.InvariantCulture);
        }

        child.Kill();
        while (await child.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            told = long.TryParse(line, CultureInfo.InvariantCulture, out var number) ? Math.Max(told, number) : told;
        await child.WaitForExitAsync(deadline.Token);
        return told;
    }
}
