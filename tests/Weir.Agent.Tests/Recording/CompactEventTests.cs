using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Recording;

/// <summary>What is recorded once is referred to, and a small answer is recorded with its end.</summary>
public sealed class CompactEventTests
{
    private static StatementOutcome OneRow => new() { Status = StatementStatus.Ok, CommandTag = "SELECT 1"u8, Rows = 1 };

    [Fact]
    public void A_small_answer_is_one_event_with_its_end_and_the_next_one_refers_to_its_columns()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var columns = ColumnsTemplate.Create(Description("id"), []);
        for (var statement = 1; statement <= 3; statement++)
        {
            recording.TryStatement(statement, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
            recording.Columns(statement, columns);
            recording.Rows(statement, Row($"row {statement}"));
            recording.Finished(statement, OneRow);
        }

        var events = fixture.ReadAll();
        events.Count.ShouldBe(1 + (3 * 2));
        events[1].Statement.ShouldBe(new StatementReceived { Statement = 1, Text = "SELECT 1", Decision = "allow", Effects = { "read" }, SnapshotVersion = 7, Protocol = "extended", Command = "SELECT" });
        events[2].Finished.AnswerColumns.ShouldHaveSingleItem().Name.ShouldBe("id");
        events[3].Statement.ShouldBe(new StatementReceived { Statement = 2, SameAs = 1 });
        var second = events[4].Finished;
        second.ColumnsIn.ShouldBe(events[2].Sequence);
        second.AnswerRows.ShouldHaveSingleItem().ToStringUtf8().ShouldBe("row 2");
        second.RowsHash.ShouldBeEmpty();
        (second.RowsRecorded, second.BytesReturned, second.Status, second.CommandTag).ShouldBe((1, 5, "ok", "SELECT 1"));
        SpoolFixture.ShouldBeChained(fixture.ReadAllSerialized());
    }

    [Fact]
    public void Statements_with_texts_of_their_own_share_everything_else()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var template = SpoolFixture.Template();
        recording.TryStatement(1, template, "SELECT 'a'"u8, ParameterList.None).ShouldBeTrue();
        recording.TryStatement(2, template, "SELECT 'b'"u8, ParameterList.None).ShouldBeTrue();
        recording.TryStatement(3, template, ParameterList.None).ShouldBeTrue();
        recording.TryStatement(4, SpoolFixture.Template("SELECT 2"), ParameterList.None).ShouldBeTrue();
        var statements = fixture.ReadAll().Skip(1).Select(e => e.Statement).ToList();
        statements.Select(s => (s.Text, s.SameAs, s.Decision)).ShouldBe([("SELECT 'a'", 0, "allow"), ("SELECT 'b'", 1, ""), ("", 0, "allow"), ("SELECT 2", 0, "allow")]);
    }

    [Fact]
    public void What_goes_to_the_client_before_the_end_is_recorded_before_it_goes()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        recording.Columns(1, ColumnsTemplate.Create(Description("id"), []));
        recording.Rows(1, Row("first"));
        recording.Settle();
        fixture.ReadAll().Skip(2).Select(e => e.BodyCase).ShouldBe([SessionEvent.BodyOneofCase.Columns, SessionEvent.BodyOneofCase.Rows]);

        recording.Rows(1, Row("second"));
        recording.Finished(1, OneRow);
        var events = fixture.ReadAll();
        events.Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Rows).SelectMany(e => e.Rows.Rows).Select(r => r.ToStringUtf8()).ShouldBe(["first", "second"]);
        events[^1].Finished.AnswerRows.ShouldBeEmpty();
        events[^1].Finished.RowsRecorded.ShouldBe(2);
        events[^1].Finished.RowsHash.ToByteArray().ShouldBe(SHA256.HashData("firstsecond"u8));
    }

    [Fact]
    public void An_answer_that_fails_keeps_the_rows_that_came_before()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        recording.Rows(1, Row("first"));
        recording.Finished(1, new StatementOutcome { Status = StatementStatus.Failed, SqlState = "22012"u8, ErrorMessage = "division by zero"u8 });
        var events = fixture.ReadAll();
        events[2].Rows.Rows.ShouldHaveSingleItem().ToStringUtf8().ShouldBe("first");
        events[3].Finished.RowsHash.ToByteArray().ShouldBe(SHA256.HashData("first"u8));
    }

    [Fact]
    public void Answers_of_two_sessions_on_one_thread_are_not_mixed()
    {
        using var fixture = new SpoolFixture();
        var (one, other) = (fixture.Open(), fixture.Open());
        one.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        other.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        one.Rows(1, Row("one"));
        other.Rows(1, Row("other"));
        one.Finished(1, OneRow);
        other.Finished(1, OneRow);
        var rows = CompleteEvents.Of(fixture.ReadAll()).Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Rows).ToDictionary(e => e.SessionId, e => e.Rows.Rows.Single().ToStringUtf8());
        rows[Id(one)].ShouldBe("one");
        rows[Id(other)].ShouldBe("other");
    }

    [Fact]
    public void A_session_that_ends_in_the_middle_keeps_what_came()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        recording.Rows(1, Row("first"));
        recording.Ended(new SessionEnd(SessionEndReason.UpstreamLost, "", 0, 0));
        var events = fixture.ReadAll();
        events[2].Rows.Rows.ShouldHaveSingleItem().ToStringUtf8().ShouldBe("first");
        events[3].Finished.Status.ShouldBe("lost");
        recording.Rows(1, Row("late"));
        recording.Settle();
        fixture.ReadAll().Count.ShouldBe(events.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(700)]
    [InlineData(SmallAnswer.MaxBytes + 1)]
    public void Whatever_the_size_nothing_is_lost(int size)
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var bodies = Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), size)).ToList();
        var columns = ColumnsTemplate.Create(Description(new string('c', Math.Min(size, 900))), []);
        for (var statement = 1; statement <= bodies.Count; statement++)
        {
            recording.TryStatement(statement, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
            recording.Columns(statement, columns);
            recording.Rows(statement, [.. bodies.Take(statement).SelectMany(Row)]);
            recording.Finished(statement, OneRow);
        }

        var events = CompleteEvents.Of(fixture.ReadAll());
        for (var statement = 1; statement <= bodies.Count; statement++)
        {
            events.Where(e => e.Rows?.Statement == statement).SelectMany(e => e.Rows.Rows).Select(r => r.ToStringUtf8()).ShouldBe(bodies.Take(statement));
            events.Single(e => e.Columns?.Statement == statement).Columns.Columns.ShouldHaveSingleItem().Name.Length.ShouldBe(Math.Min(size, 900));
            events.Single(e => e.Finished?.Statement == statement).Finished.RowsHash.ToByteArray().ShouldBe(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(bodies.Take(statement)))));
        }
    }

    private static Google.Protobuf.ByteString Id(ISessionRecording recording) => Google.Protobuf.ByteString.CopyFrom(recording.SessionId.ToByteArray(bigEndian: true));

    private static byte[] Row(string body)
    {
        var message = new byte[5 + body.Length];
        message[0] = (byte)'D';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + body.Length);
        Encoding.ASCII.GetBytes(body, message.AsSpan(5));
        return message;
    }

    private static byte[] Description(string column)
    {
        var body = new byte[2 + column.Length + 1 + 18];
        body[1] = 1;
        Encoding.ASCII.GetBytes(column, body.AsSpan(2));
        return body;
    }
}
