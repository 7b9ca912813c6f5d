using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;

namespace Weir.Agent.Tests.Recording;

public sealed class SessionRecordingTests
{
    [Fact]
    public void The_start_carries_who_where_and_under_which_policy()
    {
        using var fixture = new SpoolFixture();
        var id = Guid.NewGuid();
        var grant = Guid.NewGuid();
        fixture.Recorder.TryOpen(SpoolFixture.Start(id) with
        {
            Tls = true,
            ApplicationName = "psql",
            Context = ImmutableSortedDictionary<string, string>.Empty.Add("ticket", "T-1"),
            GrantId = grant,
            UpstreamProcessId = 42,
        }).ShouldNotBeNull();
        var started = fixture.ReadAll().ShouldHaveSingleItem();
        started.Sequence.ShouldBe(1);
        started.SessionId.ToByteArray().ShouldBe(id.ToByteArray(bigEndian: true));
        started.PreviousHash.ToByteArray().ShouldBe(new byte[32]);
        started.AtUnixMicros.ShouldBe(fixture.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
        started.Started.Principal.Name.ShouldBe("ada@example.com");
        started.Started.Context["ticket"].ShouldBe("T-1");
        started.Started.GrantId.ToByteArray().ShouldBe(grant.ToByteArray(bigEndian: true));
        started.Started.AgentId.ToByteArray().ShouldBe(fixture.AgentId.ToByteArray(bigEndian: true));
        started.Started.SnapshotVersion.ShouldBe(7);
    }

    [Fact]
    public void A_statement_is_recorded_with_its_text_decision_and_parameters()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var reason = new DecisionReason(ReasonSource.Guardrail, "no-ddl", Verdict.Deny, "not here", "ask", IsShadow: true);
        var template = StatementTemplate.Create(
            "SELECT $1"u8,
            Verdict.Allow,
            [reason],
            Effects.Read | Effects.Lock,
            [new RelationReference([new QualifiedName("public", "orders"), new QualifiedName("old", "orders")], 1, Effects.Read)],
            7,
            isExtended: true,
            "SELECT");
        var source = "textsecret\u0001\u0002"u8.ToArray();
        RecordedParameter[] parameters =
        [
            new(0, 4, IsMasked: false, IsBinary: false, 25),
            new(4, 6, IsMasked: true, IsBinary: false, 25),
            new(0, -1, IsMasked: false, IsBinary: false, 23),
            new(10, 2, IsMasked: false, IsBinary: true, 17),
            new(0, 0, IsMasked: false, IsBinary: false, 25),
        ];
        recording.TryStatement(1, template, new ParameterList(source, parameters)).ShouldBeTrue();

        var statement = fixture.ReadAll()[1].Statement;
        var expected = new StatementReceived
        {
            Statement = 1,
            Text = "SELECT $1",
            Decision = "allow",
            SnapshotVersion = 7,
            Protocol = "extended",
            Command = "SELECT",
        };
        expected.Reasons.Add(new Reason { Source = "guardrail", Rule = "no-ddl", Verdict = "deny", Message = "not here", Hint = "ask", IsShadow = true });
        expected.Effects.AddRange(["read", "lock"]);
        expected.Relations.AddRange(["public.orders", "old.orders"]);
        expected.Parameters.Add(new Parameter { Value = "text", TypeOid = 25 });
        expected.Parameters.Add(new Parameter { IsMasked = true, TypeOid = 25 });
        expected.Parameters.Add(new Parameter { IsNull = true, TypeOid = 23 });
        expected.Parameters.Add(new Parameter { Value = Convert.ToBase64String([1, 2]), IsBinary = true, TypeOid = 17 });
        expected.Parameters.Add(new Parameter { TypeOid = 25 });
        statement.ShouldBe(expected);
    }

    [Fact]
    public void Text_that_is_not_utf8_or_too_long_is_recorded_readable_with_its_full_length()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var invalid = new byte[RecordingLimits.Text + 1000];
        Array.Fill(invalid, (byte)0xE9);
        recording.TryStatement(1, SpoolFixture.Template(), invalid, new ParameterList([0xFF, 0xFE], [new RecordedParameter(0, 2, false, false, 0)])).ShouldBeTrue();
        var statement = fixture.ReadAll()[1].Statement;
        statement.FullLength.ShouldBe(invalid.Length);
        statement.Text.ShouldAllBe(c => c == '\uFFFD');
        statement.Parameters[0].Value.ShouldBe("\uFFFD\uFFFD");
    }

    [Fact]
    public void More_and_longer_parameters_than_the_limits_are_cut_and_say_so()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var source = new byte[RecordingLimits.Parameter + 1];
        Array.Fill(source, (byte)'p');
        var parameters = new RecordedParameter[RecordingLimits.ParameterCount + 1];
        Array.Fill(parameters, new RecordedParameter(0, source.Length, false, false, 25));
        recording.TryStatement(1, SpoolFixture.SelectOne, new ParameterList(source, parameters)).ShouldBeTrue();
        var recorded = fixture.ReadAll()[1].Statement.Parameters;
        recorded.Count.ShouldBe(RecordingLimits.ParameterCount);
        recorded.Sum(p => p.Value.Length).ShouldBe(RecordingLimits.Parameters);
        recorded.ShouldAllBe(p => p.FullLength == source.Length);
    }

    [Fact]
    public void Rows_are_recorded_up_to_the_limit_and_all_of_them_are_hashed()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        var bodies = Enumerable.Range(0, 250).Select(i => Encoding.ASCII.GetBytes($"row {i}")).ToList();
        foreach (var chunk in bodies.Chunk(30))
            recording.Rows(1, Messages(chunk));
        recording.Finished(1, new StatementOutcome { Status = StatementStatus.Ok, CommandTag = "SELECT 250"u8, Rows = 250, Duration = TimeSpan.FromMilliseconds(3) });

        var events = fixture.ReadAll();
        events.Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Rows).SelectMany(e => e.Rows.Rows).Select(r => r.ToByteArray())
            .ShouldBe(bodies.Take(100));
        var finished = events[^1].Finished;
        finished.RowsRecorded.ShouldBe(100);
        finished.Rows.ShouldBe(250);
        finished.CommandTag.ShouldBe("SELECT 250");
        finished.DurationMicros.ShouldBe(3000);
        finished.BytesReturned.ShouldBe(bodies.Sum(b => b.Length));
        finished.RowsHash.ToByteArray().ShouldBe(SHA256.HashData(bodies.SelectMany(b => b).ToArray()));
    }

    [Fact]
    public void The_hash_of_an_answer_does_not_depend_on_how_it_came()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var bodies = Enumerable.Range(0, 40).Select(i => RandomNumberGenerator.GetBytes(i * 1000)).ToList();
        var expected = SHA256.HashData(bodies.SelectMany(b => b).ToArray());
        var statement = 0;
        foreach (var size in new[] { 1, 7, 40 })
        {
            recording.TryStatement(++statement, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
            foreach (var chunk in bodies.Chunk(size))
                recording.Rows(statement, Messages(chunk));
            recording.Finished(statement, new StatementOutcome { Status = StatementStatus.Ok });
        }

        foreach (var finished in fixture.ReadAll().Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Finished))
            finished.Finished.RowsHash.ToByteArray().ShouldBe(expected);
    }

    [Fact]
    public void Recorded_rows_stop_at_the_first_that_does_not_fit()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        recording.Rows(1, Messages([new byte[10], new byte[200_000], new byte[10]]));
        recording.Finished(1, new StatementOutcome { Status = StatementStatus.Ok });
        var events = fixture.ReadAll();
        events.Single(e => e.BodyCase == SessionEvent.BodyOneofCase.Rows).Rows.Rows.Count.ShouldBe(1);
        events[^1].Finished.RowsRecorded.ShouldBe(1);
        events[^1].Finished.BytesReturned.ShouldBe(200_020);
    }

    [Fact]
    public void Copied_data_is_recorded_with_its_direction()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        recording.CopyData(1, isOut: true, "1\tada\n"u8);
        recording.CopyData(1, isOut: true, "2\tbob\n"u8);
        recording.Finished(1, new StatementOutcome { Status = StatementStatus.Ok });
        var events = fixture.ReadAll();
        events[2].Copy.Direction.ShouldBe("out");
        events[2].Copy.Data.ShouldHaveSingleItem().ToStringUtf8().ShouldBe("1\tada\n");
        events[^1].Finished.RowsHash.ToByteArray().ShouldBe(SHA256.HashData("1\tada\n2\tbob\n"u8));
    }

    [Fact]
    public void Columns_tell_name_type_format_and_mask()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        var description = RowDescription(("id", 23, 0), ("ssn", 25, 0));
        recording.Columns(1, ColumnsTemplate.Create(description, [default, new MaskedColumn("pii", "lineage")], [0, 1]));
        recording.Settle();
        var columns = fixture.ReadAll()[^1].Columns;
        columns.Statement.ShouldBe(1);
        columns.Columns.ShouldBe(
        [
            new AnswerColumn { Name = "id", TypeOid = 23 },
            new AnswerColumn { Name = "ssn", TypeOid = 25, Format = 1, MaskedBy = "pii", MaskedBecause = "lineage" },
        ]);
    }

    [Fact]
    public void A_refused_statement_is_recorded_with_its_end()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryRefusedStatement(1, SpoolFixture.Template("DROP TABLE x", Verdict.Deny), default, ParameterList.None, new StatementOutcome { Status = StatementStatus.Denied, SqlState = "42501"u8, ErrorMessage = "weir: denied"u8 }).ShouldBeTrue();
        recording.Ended(new SessionEnd(SessionEndReason.ClientClosed, "", 10, 20));
        var events = fixture.ReadAll();
        events[1].Statement.Decision.ShouldBe("deny");
        events[2].Finished.Status.ShouldBe("denied");
        events[2].Finished.SqlState.ShouldBe("42501");
        events[3].Ended.Denied.ShouldBe(1);
        events[3].Ended.BytesOut.ShouldBe(20);
    }

    [Fact]
    public void Reviews_and_notices_belong_to_their_statement()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        var review = Guid.NewGuid();
        recording.TryStatement(4, SpoolFixture.Template("UPDATE x", Verdict.Review), ParameterList.None).ShouldBeTrue();
        recording.Review(4, new ReviewMoment(review, ReviewStep.Opened));
        recording.Review(4, new ReviewMoment(review, ReviewStep.Approved, "fine", "grace@example.com"));
        recording.Notice(4, "WARNING"u8, "01000"u8, "careful"u8);
        var events = fixture.ReadAll();
        events[2].Review.Status.ShouldBe("opened");
        events[3].Review.ShouldBe(new ReviewEvent { Statement = 4, ReviewId = Google.Protobuf.ByteString.CopyFrom(review.ToByteArray(bigEndian: true)), Status = "approved", Comment = "fine", DecidedBy = "grace@example.com" });
        events[4].Notice.Message.ShouldBe("careful");
    }

    [Fact]
    public void Statements_without_a_finish_are_lost_when_the_session_ends_and_nothing_comes_after_the_seal()
    {
        using var fixture = new SpoolFixture();
        var recording = fixture.Open();
        recording.TryStatement(1, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        recording.TryStatement(2, SpoolFixture.SelectOne, ParameterList.None).ShouldBeTrue();
        recording.Finished(1, new StatementOutcome { Status = StatementStatus.Ok });
        recording.Ended(new SessionEnd(SessionEndReason.ClientLost, "", 0, 0));
        recording.TryStatement(3, SpoolFixture.SelectOne, ParameterList.None).ShouldBeFalse();
        recording.Rows(2, Messages([new byte[3]]));
        recording.Finished(2, default);
        recording.Ended(default);
        var serialized = fixture.ReadAllSerialized();
        SpoolFixture.ShouldBeChained(serialized);
        var events = serialized.Select(SessionEvent.Parser.ParseFrom).ToList();
        events.Count.ShouldBe(6);
        events[4].Finished.ShouldBe(new StatementFinished { Statement = 2, Status = "lost" });
        events[5].Ended.Reason.ShouldBe("client_lost");
    }

    [Fact]
    public void Recording_a_statement_and_its_answer_allocates_nothing()
    {
        using var fixture = new SpoolFixture(256L * 1024 * 1024);
        var recording = fixture.Open();
        var rows = Messages([new byte[40], new byte[40]]);
        byte[] source = [1, 2, 3, 4];
        RecordedParameter[] parameters = [new(0, 4, false, true, 23)];
        void Once(long statement)
        {
            recording.TryStatement(statement, SpoolFixture.SelectOne, new ParameterList(source, parameters));
            recording.Rows(statement, rows);
            recording.Finished(statement, new StatementOutcome { Status = StatementStatus.Ok, CommandTag = "SELECT 2"u8, Rows = 2 });
        }

        for (var statement = 1; statement <= 100; statement++)
            Once(statement);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var statement = 101; statement <= 1100; statement++)
            Once(statement);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static byte[] Messages(IEnumerable<byte[]> bodies)
    {
        var messages = new List<byte>();
        Span<byte> length = stackalloc byte[4];
        foreach (var body in bodies)
        {
            messages.Add((byte)'D');
            BinaryPrimitives.WriteInt32BigEndian(length, body.Length + 4);
            messages.AddRange(length);
            messages.AddRange(body);
        }

        messages.AddRange([(byte)'C', 0, 0, 0, 5, 0]);
        return [.. messages];
    }

    private static byte[] RowDescription(params (string Name, uint Type, short Format)[] columns)
    {
        var body = new List<byte> { 0, (byte)columns.Length };
        foreach (var (name, type, format) in columns)
        {
            body.AddRange(Encoding.ASCII.GetBytes(name));
            body.Add(0);
            var fields = new byte[18];
            BinaryPrimitives.WriteUInt32BigEndian(fields.AsSpan(6), type);
            BinaryPrimitives.WriteInt16BigEndian(fields.AsSpan(16), format);
            body.AddRange(fields);
        }

        return [.. body];
    }
}
