using Weir.Agent.Configuration;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;
using Weir.Testing;

namespace Weir.Agent.Tests.Recording;

public sealed class SpoolTests
{
    /// <summary>A new one each time: the same would be recorded once and referred to then.</summary>
    private static StatementTemplate Large => SpoolFixture.Template(new string('x', 100_000));

    [Fact]
    public void Nothing_is_read_before_it_is_flushed()
    {
        using var fixture = new SpoolFixture();
        fixture.Open();
        using var reader = new SpoolReader(fixture.Spool);
        reader.Read(1000).ShouldBeNull();
        fixture.Spool.Flush().ShouldBeTrue();
        reader.Read(1000).ShouldNotBeNull().Events.Count.ShouldBe(1);
    }

    [Fact]
    public void What_was_written_but_not_acknowledged_is_there_after_a_restart()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        fixture.Close();
        fixture.Reopen();
        fixture.ReadAll().Select(e => e.BodyCase).ShouldBe([SessionEvent.BodyOneofCase.Started, SessionEvent.BodyOneofCase.Statement]);
    }

    [Fact]
    public void A_restart_goes_on_behind_what_was_acknowledged()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        fixture.Spool.Flush();
        using (var reader = new SpoolReader(fixture.Spool))
            fixture.Spool.Acknowledge(reader.Read(1000)!.EndPosition);
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        fixture.Close();
        fixture.Reopen();
        fixture.ReadAll().ShouldHaveSingleItem().BodyCase.ShouldBe(SessionEvent.BodyOneofCase.Statement);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void A_torn_tail_is_ignored_and_written_over(int tornBytes)
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        for (var statement = 1; statement <= 3; statement++)
            recording.TryStatement(statement, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        fixture.Spool.Flush();
        var end = SpoolPosition.OffsetOf(fixture.Spool.DurablePosition);
        fixture.Close();
        using (var file = SegmentFile.Open(fixture.Path, 0))
            RandomAccess.Write(file, new byte[tornBytes], end - tornBytes);

        fixture.Reopen();
        fixture.ReadAll().Count.ShouldBe(3);
        fixture.Recorder.SealAbandoned().ShouldBe(1);
        var serialized = fixture.ReadAllSerialized();
        SpoolFixture.ShouldBeChained(serialized);
        SessionEvent.Parser.ParseFrom(serialized[^1]).Ended.Statements.ShouldBe(2);
    }

    [Fact]
    public void Segments_behind_a_torn_one_are_not_believed()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var statement = 0;
        while (SpoolPosition.SegmentOf(fixture.Spool.DurablePosition) < 3)
        {
            recording.TryStatement(++statement, Large, ParameterList.None).ShouldBeTrue();
            recording.Finished(statement, default);
            fixture.Spool.Flush();
        }

        fixture.Close();
        using (var file = SegmentFile.Open(fixture.Path, SlotOfSegment(fixture.Path, 2)))
            RandomAccess.Write(file, new byte[64], 2 * 1024 * 1024);

        fixture.Reopen();
        fixture.Recorder.SealAbandoned();
        var serialized = fixture.ReadAllSerialized();
        SpoolFixture.ShouldBeChained(serialized);
        serialized.Count.ShouldBeLessThan(2 * statement);
        SessionEvent.Parser.ParseFrom(serialized[^1]).BodyCase.ShouldBe(SessionEvent.BodyOneofCase.Ended);
    }

    [Fact]
    public void A_full_spool_refuses_statements_but_takes_every_finish_and_end()
    {
        using var fixture = new SpoolFixture();
        var sessions = Enumerable.Range(0, 50).Select(_ => fixture.Open()).ToList();
        var taken = new List<(ISessionRecording Session, long Statement)>();
        var statement = 0L;
        foreach (var template in new[] { static () => Large, static () => SpoolFixture.SelectOne })
        {
            for (var isRefused = false; !isRefused;)
            {
                var session = sessions[(int)(++statement % sessions.Count)];
                isRefused = !session.TryStatement(statement, template(), ParameterList.None);
                if (!isRefused)
                    taken.Add((session, statement));
            }
        }

        fixture.Recorder.TryOpen(SpoolFixture.Start()).ShouldBeNull();
        var message = new byte[5000];
        Array.Fill(message, (byte)'e');
        foreach (var (session, number) in taken)
            session.Finished(number, new StatementOutcome { Status = StatementStatus.Failed, ErrorMessage = message, SqlState = "42P01"u8 });
        foreach (var session in sessions)
            session.Ended(new SessionEnd(SessionEndReason.ClientClosed, new string('d', 5000), 1, 2));

        var serialized = fixture.ReadAllSerialized();
        SpoolFixture.ShouldBeChained(serialized);
        var events = serialized.Select(SessionEvent.Parser.ParseFrom).ToList();
        events.Count(e => e.BodyCase == SessionEvent.BodyOneofCase.Finished).ShouldBe(taken.Count);
        events.Count(e => e.BodyCase == SessionEvent.BodyOneofCase.Ended).ShouldBe(sessions.Count);
        events.Count.ShouldBe(sessions.Count + (2 * taken.Count) + sessions.Count);
    }

    [Fact]
    public void Acknowledged_segments_are_used_again()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        using var reader = new SpoolReader(fixture.Spool);
        var read = new List<Google.Protobuf.ByteString>();
        for (var statement = 1; statement <= 1000; statement++)
        {
            recording.TryStatement(statement, Large, ParameterList.None).ShouldBeTrue();
            recording.Finished(statement, default);
            fixture.Spool.Flush().ShouldBeTrue();
            while (reader.Read(100_000) is { } batch)
            {
                read.AddRange(batch.Events);
                fixture.Spool.Acknowledge(batch.EndPosition);
            }
        }

        // 100 MB went through a spool of 16 MiB.
        SpoolFixture.ShouldBeChained(read);
        read.Count.ShouldBe(2001);
        Directory.GetFiles(fixture.Path).Length.ShouldBe(4);
    }

    [Fact]
    public void A_quiet_session_is_still_sealed_after_a_crash_when_its_segment_was_given_back()
    {
        using var fixture = new SpoolFixture();
        var quiet = fixture.Open();
        quiet.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        var busy = fixture.Open();
        using (var reader = new SpoolReader(fixture.Spool))
        {
            for (var statement = 1; statement <= 300; statement++)
            {
                busy.TryStatement(statement, Large, ParameterList.None).ShouldBeTrue();
                busy.Finished(statement, default);
                fixture.Spool.Flush();
                while (reader.Read(1_000_000) is { } batch)
                    fixture.Spool.Acknowledge(batch.EndPosition);
            }
        }

        busy.Ended(default);
        fixture.Close();
        fixture.Reopen();
        fixture.Recorder.SealAbandoned().ShouldBe(1);
        var events = fixture.ReadAll().Where(e => e.SessionId.Span.SequenceEqual(quiet.SessionId.ToByteArray(bigEndian: true))).ToList();
        events.Select(e => e.Sequence).ShouldBe([3L, 4L]);
        events[0].Finished.Status.ShouldBe("lost");
        events[1].Ended.Statements.ShouldBe(1);
    }

    [Fact]
    public void A_missing_segment_is_not_passed_over_in_silence()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        for (var statement = 1; SpoolPosition.SegmentOf(fixture.Spool.DurablePosition) < 3; statement++)
        {
            recording.TryStatement(statement, Large, ParameterList.None).ShouldBeTrue();
            fixture.Spool.Flush();
        }

        fixture.Close();
        File.Delete(SegmentFile.PathOf(fixture.Path, SlotOfSegment(fixture.Path, 2)));
        Should.Throw<SpoolUnavailableException>(() => Spool.Open(fixture.Path, fixture.Capacity)).Message.ShouldContain("Segment 2 is missing");
    }

    [Fact]
    public void Segments_are_private_to_the_agents_user()
    {
        using var fixture = new SpoolFixture();
        foreach (var file in Directory.GetFiles(fixture.Path))
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task In_strict_durability_a_statement_is_settled_only_by_a_flush()
    {
        using var fixture = new SpoolFixture();
        fixture.Close();
        fixture.Reopen(SpoolDurability.Strict);
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        var settled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        recording.IsSettled(settled.SetResult).ShouldBeFalse();
        settled.Task.IsCompleted.ShouldBeFalse();

        using var flusher = new SpoolFlusher(fixture.Spool, SpoolDurability.Strict);
        (await settled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).ShouldBeTrue();
        recording.IsSettled(_ => throw new InvalidOperationException("settled already")).ShouldBeTrue();
    }

    [Fact]
    public async Task In_group_durability_what_was_appended_becomes_readable_by_itself()
    {
        using var fixture = new SpoolFixture();
        using (new SpoolFlusher(fixture.Spool, SpoolDurability.Group))
        {
            var before = fixture.Spool.DurablePosition;
            fixture.Open();
            await Eventually.HoldsAsync(() => Task.FromResult(fixture.Spool.DurablePosition > before), TimeSpan.FromSeconds(10), "a flush", TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Many_threads_append_without_mixing_their_sessions()
    {
        using var fixture = new SpoolFixture(64L * 1024 * 1024);
        Parallel.For(0, 8, _ =>
        {
            var recording = fixture.Open();
            for (var statement = 1; statement <= 500; statement++)
            {
                recording.TryStatement(statement, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
                recording.Finished(statement, new StatementOutcome { Status = StatementStatus.Ok });
            }

            recording.Ended(new SessionEnd(SessionEndReason.ClientClosed, "", 0, 0));
        });
        var serialized = fixture.ReadAllSerialized();
        serialized.Count.ShouldBe(8 * 1002);
        SpoolFixture.ShouldBeChained(serialized);
    }

    private static int SlotOfSegment(string directory, long number)
    {
        var header = new byte[SegmentFile.HeaderSize];
        return SegmentFile.ExistingSlots(directory).Single(slot =>
        {
            using var file = SegmentFile.Open(directory, slot);
            RandomAccess.Read(file, header, 0);
            return SegmentFile.TryReadHeader(header, out var found, out _, out _) && found == number;
        });
    }
}
