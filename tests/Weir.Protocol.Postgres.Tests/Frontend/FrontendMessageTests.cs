using CsCheck;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Protocol.Postgres.Tests.Frontend;

public sealed class FrontendMessageTests
{
    private static readonly Gen<byte[]> GenText = Gen.Byte[1, 255].Array[0, 12];

    [Fact]
    public void Parse_comes_back_as_written_and_with_another_name()
    {
        Gen.Select(GenText, GenText, Gen.UInt.Array[0, 5]).Sample((statement, text, types) =>
        {
            var writer = new MessageWriter();
            Parse.Write(writer, statement, text, types);
            var parse = Parse.Read(Body(writer));
            parse.Statement.SequenceEqual(statement).ShouldBeTrue();
            parse.Text.SequenceEqual(text).ShouldBeTrue();
            parse.ParameterTypeCount.ShouldBe(types.Length);
            for (var i = 0; i < types.Length; i++)
                parse.ParameterType(i).ShouldBe(types[i]);

            var rewritten = new MessageWriter();
            parse.Rewrite(rewritten, "other"u8, "SELECT 1"u8);
            var expected = new MessageWriter();
            Parse.Write(expected, "other"u8, "SELECT 1"u8, types);
            rewritten.Written.SequenceEqual(expected.Written).ShouldBeTrue();
        });
    }

    [Fact]
    public void Bind_comes_back_as_written_and_with_other_names()
    {
        var genValue = Gen.Select(Gen.Bool, Gen.Byte.Array[0, 8]);
        Gen.Select(GenText, GenText, genValue.Array[0, 6], Gen.Int[0, 2], Gen.Int[0, 3]).Sample((portal, statement, values, formatKind, resultCount) =>
        {
            var formats = Formats(formatKind switch { 0 => 0, 1 => 1, _ => values.Length });
            var results = Formats(resultCount);
            var writer = new MessageWriter();
            Write(writer, portal, statement, formats, values, results);
            var bind = Bind.Read(Body(writer));
            bind.Portal.SequenceEqual(portal).ShouldBeTrue();
            bind.Statement.SequenceEqual(statement).ShouldBeTrue();
            bind.ParameterCount.ShouldBe(values.Length);
            bind.ResultFormats.Count.ShouldBe(results.Length);
            for (var i = 0; i < results.Length; i++)
                bind.ResultFormats[i].ShouldBe(results[i]);

            var index = 0;
            foreach (var parameter in bind.Parameters)
            {
                var (isNull, value) = values[index];
                parameter.IsNull.ShouldBe(isNull);
                parameter.Value.SequenceEqual(isNull ? [] : value).ShouldBeTrue();
                parameter.Format.ShouldBe(formats.Length switch { 0 => FormatCode.Text, 1 => formats[0], _ => formats[index] });
                index++;
            }

            index.ShouldBe(values.Length);
            var rewritten = new MessageWriter();
            bind.Rewrite(rewritten, "p2"u8, "s2"u8);
            var expected = new MessageWriter();
            Write(expected, "p2"u8.ToArray(), "s2"u8.ToArray(), formats, values, results);
            rewritten.Written.SequenceEqual(expected.Written).ShouldBeTrue();
        });
    }

    [Fact]
    public void Bind_with_65535_parameters_is_read()
    {
        var writer = new MessageWriter();
        var bind = BindWriter.Begin(writer, [], [], [], ushort.MaxValue);
        for (var i = 0; i < ushort.MaxValue; i++)
            bind.WriteNull();
        bind.End([]);
        Bind.Read(Body(writer)).ParameterCount.ShouldBe(ushort.MaxValue);
    }

    [Fact]
    public void Bind_whose_formats_do_not_fit_its_parameters_is_a_violation()
    {
        var writer = new MessageWriter();
        var bind = BindWriter.Begin(writer, [], [], [FormatCode.Text, FormatCode.Binary], 1);
        bind.WriteNull();
        bind.End([]);
        var body = Body(writer).ToArray();
        Should.Throw<ProtocolViolationException>(() => Bind.Read(body)).IsFatal.ShouldBeFalse();
    }

    [Fact]
    public void A_value_with_a_length_below_minus_one_is_a_violation()
    {
        byte[] body = [0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0];
        Should.Throw<ProtocolViolationException>(() => Bind.Read(body));
    }

    [Fact]
    public void Unknown_format_codes_are_seen_by_the_caller()
    {
        byte[] body = [0, 0, 0, 1, 0, 7, 0, 0, 0, 0];
        var bind = Bind.Read(body);
        bind.ParameterFormats.HasUnknown.ShouldBeTrue();
        bind.ResultFormats.HasUnknown.ShouldBeFalse();
    }

    [Fact]
    public void A_Bind_with_fewer_values_than_announced_cannot_be_ended()
    {
        Should.Throw<InvalidOperationException>(() => BindWriter.Begin(new MessageWriter(), [], [], [], 1).End([]));
    }

    [Theory]
    [InlineData((byte)'X')]
    [InlineData((byte)0)]
    [InlineData((byte)'s')]
    public void Describe_and_Close_of_anything_but_a_statement_or_portal_are_violations(byte kind)
    {
        byte[] body = [kind, 0];
        Should.Throw<ProtocolViolationException>(() => Describe.Read(body)).Message.ShouldBe($"invalid DESCRIBE message subtype {kind}");
        Should.Throw<ProtocolViolationException>(() => Close.Read(body)).Message.ShouldBe($"invalid CLOSE message subtype {kind}");
    }

    [Fact]
    public void Query_keeps_every_byte_of_its_text()
    {
        GenText.Sample(text =>
        {
            var writer = new MessageWriter();
            Query.Write(writer, text);
            Query.Read(Body(writer)).Text.SequenceEqual(text).ShouldBeTrue();
        });
        Should.Throw<ProtocolViolationException>(() => Query.Read("SELECT 1\0; DROP TABLE x\0"u8));
    }

    private static void Write(MessageWriter writer, byte[] portal, byte[] statement, FormatCode[] formats, (bool IsNull, byte[] Value)[] values, FormatCode[] results)
    {
        var bind = BindWriter.Begin(writer, portal, statement, formats, values.Length);
        foreach (var (isNull, value) in values)
        {
            if (isNull)
                bind.WriteNull();
            else
                bind.WriteValue(value);
        }

        bind.End(results);
    }

    private static FormatCode[] Formats(int count) => [.. Enumerable.Range(0, count).Select(i => i % 2 == 0 ? FormatCode.Binary : FormatCode.Text)];

    private static ReadOnlySpan<byte> Body(MessageWriter writer) => writer.Written[FrameHeader.Size..];
}
