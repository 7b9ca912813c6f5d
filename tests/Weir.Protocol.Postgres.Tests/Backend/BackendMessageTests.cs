using System.Text;
using CsCheck;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Backend;

public sealed class BackendMessageTests
{
    [Theory]
    [InlineData("INSERT 0 5", "INSERT", 5L)]
    [InlineData("INSERT 12345 1", "INSERT", 1L)]
    [InlineData("SELECT 0", "SELECT", 0L)]
    [InlineData("UPDATE 9223372036854775807", "UPDATE", long.MaxValue)]
    [InlineData("COPY 7", "COPY", 7L)]
    [InlineData("CREATE TABLE", "CREATE TABLE", null)]
    [InlineData("COPY", "COPY", null)]
    [InlineData("", "", null)]
    [InlineData("UPDATE -1", "UPDATE -1", null)]
    [InlineData("UPDATE 99999999999999999999", "UPDATE 99999999999999999999", null)]
    [InlineData("UPDATE 1x", "UPDATE 1x", null)]
    [InlineData("5", "5", null)]
    public void Tags_give_command_and_rows(string tag, string command, long? rows)
    {
        var writer = new MessageWriter();
        CommandComplete.Write(writer, Encoding.ASCII.GetBytes(tag));
        var complete = CommandComplete.Read(Body(writer));
        Encoding.ASCII.GetString(complete.Tag).ShouldBe(tag);
        Encoding.ASCII.GetString(complete.Command).ShouldBe(command);
        complete.HasRowCount.ShouldBe(rows is not null);
        complete.RowCount.ShouldBe(rows ?? 0);
    }

    [Fact]
    public void Errors_carry_every_field_that_is_set()
    {
        var diagnostic = new Diagnostic
        {
            Severity = "ERROR",
            SqlState = SqlStates.InsufficientPrivilege,
            Message = "weir: denied by guardrail \"x\": é",
            Detail = "d",
            Hint = "h",
            Position = 12,
            Where = "w",
            SchemaName = "s",
            TableName = "t",
            ColumnName = "c",
            DataTypeName = "dt",
            ConstraintName = "n",
        };
        var writer = new MessageWriter();
        ErrorResponse.Write(writer, diagnostic);
        var fields = ErrorResponse.Read(Body(writer));
        fields.ToDiagnostic().ShouldBe(diagnostic);
        fields.IsFatal.ShouldBeFalse();
        var letters = new StringBuilder();
        foreach (var field in fields)
            letters.Append((char)field.Code);
        letters.ToString().ShouldBe("SVCMDHPWstcdn");
    }

    [Fact]
    public void Errors_without_SQLSTATE_or_with_unknown_fields_are_read()
    {
        var fields = ErrorResponse.Read("SFATAL\0Mtoo many\0?x\0\0"u8);
        fields.SqlState.IsEmpty.ShouldBeTrue();
        fields.IsFatal.ShouldBeTrue();
        Encoding.ASCII.GetString(fields.Message).ShouldBe("too many");
        fields.TryGet(DiagnosticField.Hint, out _).ShouldBeFalse();
        ErrorResponse.Read("\0"u8).Message.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void NUL_in_a_text_cannot_end_a_field_early()
    {
        var writer = new MessageWriter();
        ErrorResponse.Write(writer, Diagnostic.Error("42501", "a\0Mb"));
        Encoding.UTF8.GetString(ErrorResponse.Read(Body(writer)).Message).ShouldBe("a\ufffdMb");
    }

    [Theory]
    [InlineData(true, "FATAL")]
    [InlineData(false, "ERROR")]
    public void A_violation_is_answered_as_the_server_would(bool isFatal, string severity)
    {
        var diagnostic = Diagnostic.For(new ProtocolViolationException("invalid message format", SqlStates.ProtocolViolation, isFatal));
        diagnostic.Severity.ShouldBe(severity);
        diagnostic.SqlState.ShouldBe("08P01");
    }

    [Fact]
    public void Row_description_takes_the_formats_of_a_bind()
    {
        var sample = MessageSamples.Named("Backend RowDescription");
        RowDescription.Read(sample.Body).FieldCount.ShouldBe(2);
        Formats(sample, []).ShouldBe([FormatCode.Text, FormatCode.Text]);
        Formats(sample, [FormatCode.Binary]).ShouldBe([FormatCode.Binary, FormatCode.Binary]);
        Formats(sample, [FormatCode.Binary, FormatCode.Text]).ShouldBe([FormatCode.Binary, FormatCode.Text]);
        Should.Throw<ArgumentException>(() => Formats(sample, [FormatCode.Binary, FormatCode.Text, FormatCode.Text]));
    }

    [Fact]
    public void Row_description_gives_the_origin_of_a_column()
    {
        var fields = RowDescription.Read(MessageSamples.Named("Backend RowDescription").Body).Fields;
        fields.MoveNext().ShouldBeTrue();
        Encoding.ASCII.GetString(fields.Current.Name).ShouldBe("id");
        fields.Current.TableOid.ShouldBe(16384u);
        fields.Current.AttributeNumber.ShouldBe((short)1);
        fields.Current.TypeOid.ShouldBe(23u);
        fields.Current.TypeLength.ShouldBe((short)4);
        fields.Current.TypeModifier.ShouldBe(-1);
        fields.Current.Format.ShouldBe(FormatCode.Binary);
    }

    [Theory]
    [InlineData((byte)'X')]
    [InlineData((byte)0)]
    public void Ready_for_query_with_another_status_is_a_violation(byte status)
    {
        byte[] body = [status];
        Should.Throw<ProtocolViolationException>(() => ReadyForQuery.Read(body));
    }

    [Fact]
    public void Unknown_ways_to_authenticate_are_violations()
    {
        byte[] body = [0, 0, 0, 99];
        Should.Throw<ProtocolViolationException>(() => AuthenticationMessage.Read(body)).IsFatal.ShouldBeTrue();
    }

    [Fact]
    public void A_row_with_some_values_replaced_is_the_row_written_with_them()
    {
        var genValue = Gen.Select(Gen.Bool, Gen.Byte.Array[0, 6]);
        Gen.Select(genValue.Array[0, 8], Gen.Int[0, 255], Gen.Int[0, 2]).Sample((values, mask, how) =>
        {
            var source = TestRows.Of(values);
            var expected = TestRows.Of([.. values.Select((value, i) => (mask >> i & 1) == 0 ? value : (how == 1, "***"u8.ToArray()))]);

            var writer = new MessageWriter();
            var rewriter = DataRowRewriter.Begin(writer, Body(source));
            rewriter.FieldCount.ShouldBe(values.Length);
            for (var i = 0; i < 8; i++)
            {
                if ((mask >> i & 1) == 0)
                    continue;
                rewriter.MoveTo(i).ShouldBe(i < values.Length);
                if (i >= values.Length)
                    break;
                rewriter.Current.IsNull.ShouldBe(values[i].Item1);
                rewriter.Current.Value.SequenceEqual(values[i].Item1 ? [] : values[i].Item2).ShouldBeTrue();
                if (how == 0)
                {
                    rewriter.Replace("***"u8);
                }
                else if (how == 1)
                {
                    rewriter.ReplaceWithNull();
                }
                else
                {
                    var start = rewriter.BeginReplace();
                    writer.WriteBytes("**"u8);
                    writer.WriteByte((byte)'*');
                    rewriter.EndReplace(start);
                }
            }

            rewriter.End();
            writer.Written.SequenceEqual(expected.Written).ShouldBeTrue();
        });
    }

    [Fact]
    public void A_malformed_row_is_a_violation_for_the_rewriter_too_and_can_be_undone()
    {
        var body = MessageSamples.Named("Backend DataRow").Body.ToArray();
        var writer = new MessageWriter();
        writer.WriteByte(1);
        foreach (var damaged in new byte[][] { [.. body, 0], body[..^1], [] })
        {
            Should.Throw<ProtocolViolationException>(() =>
            {
                var rewriter = DataRowRewriter.Begin(writer, damaged);
                rewriter.MoveTo(0);
                rewriter.Replace("x"u8);
                rewriter.End();
            });
            writer.Truncate(1);
        }

        writer.Written.ToArray().ShouldBe([1]);
    }

    [Fact]
    public void Rewriting_a_row_and_writing_constant_messages_allocates_nothing()
    {
        var body = MessageSamples.Named("Backend DataRow").Body.ToArray();
        var writer = new MessageWriter();
        Allocation.Of(() =>
        {
            writer.Clear();
            var rewriter = DataRowRewriter.Begin(writer, body);
            rewriter.MoveTo(1);
            rewriter.Replace("***"u8);
            rewriter.End();
            ReadyForQuery.Write(writer, TransactionStatus.Idle);
            ParseComplete.Write(writer);
        }).ShouldBe(0);
    }

    [Fact]
    public void Replacing_twice_or_backwards_is_a_defect_of_the_caller()
    {
        var body = MessageSamples.Named("Backend DataRow").Body.ToArray();
        Should.Throw<InvalidOperationException>(() => DataRowRewriter.Begin(new MessageWriter(), body).Replace("x"u8));
        Should.Throw<InvalidOperationException>(() =>
        {
            var rewriter = DataRowRewriter.Begin(new MessageWriter(), body);
            rewriter.MoveTo(1);
            rewriter.Replace("x"u8);
            rewriter.Replace("x"u8);
        });
        Should.Throw<ArgumentOutOfRangeException>(() =>
        {
            var rewriter = DataRowRewriter.Begin(new MessageWriter(), body);
            rewriter.MoveTo(1);
            rewriter.MoveTo(0);
        });
    }

    private static List<FormatCode> Formats(MessageSample sample, FormatCode[] formats)
    {
        var writer = new MessageWriter();
        RowDescription.Read(sample.Body).WriteWithFormats(writer, formats);
        var result = new List<FormatCode>();
        foreach (var field in RowDescription.Read(Body(writer)).Fields)
            result.Add(field.Format);
        return result;
    }

    private static ReadOnlySpan<byte> Body(MessageWriter writer) => writer.Written[FrameHeader.Size..];
}
