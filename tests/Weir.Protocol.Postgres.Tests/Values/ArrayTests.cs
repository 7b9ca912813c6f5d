using System.Text;
using CsCheck;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Values;

namespace Weir.Protocol.Postgres.Tests.Values;

public sealed class ArrayTests
{
    [Theory]
    [InlineData("{secret}", "{***}")]
    [InlineData("{a,NULL,\"b c\",\"NULL\"}", "{***,NULL,***,***}")]
    [InlineData("{{a,b},{c,\"}\"}}", "{{***,***},{***,***}}")]
    [InlineData("[2:3]={a,\"q\\\"\"}", "[2:3]={***,***}")]
    [InlineData("{}", "{}")]
    public void Text_array_keeps_its_shape(string text, string expected)
    {
        var writer = new MessageWriter();
        var array = TextArrayRewriter.Begin(writer, Encoding.UTF8.GetBytes(text), new MessageWriter());
        while (array.MoveNext())
        {
            if (!array.IsNull)
                array.Replace("***"u8);
        }

        array.End();
        Encoding.UTF8.GetString(writer.Written).ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("{a")]
    [InlineData("{a}}")]
    [InlineData("{a,,b}")]
    [InlineData("{\"a}")]
    [InlineData("{a}b")]
    [InlineData("x{a}")]
    [InlineData("{a\\")]
    [InlineData("{\"a\"b}")]
    public void What_is_no_array_is_a_violation(string text)
    {
        Should.Throw<ProtocolViolationException>(() =>
        {
            var array = TextArrayRewriter.Begin(new MessageWriter(), Encoding.UTF8.GetBytes(text), new MessageWriter());
            while (array.MoveNext())
            {
            }
        });
    }

    [Fact]
    public void Elements_put_in_come_out()
    {
        Gen.String[Gen.Char["aN\"\\{}, \nUL"], 0, 6].Array[1, 4].Sample(values =>
        {
            var writer = new MessageWriter();
            var blank = "{" + string.Join(',', Enumerable.Repeat("x", values.Length)) + "}";
            var array = TextArrayRewriter.Begin(writer, Encoding.UTF8.GetBytes(blank), new MessageWriter());
            foreach (var value in values)
            {
                array.MoveNext().ShouldBeTrue();
                array.Replace(Encoding.UTF8.GetBytes(value));
            }

            array.End();
            var read = TextArrayRewriter.Begin(new MessageWriter(), writer.Written, new MessageWriter());
            foreach (var value in values)
            {
                read.MoveNext().ShouldBeTrue();
                read.IsNull.ShouldBeFalse();
                Encoding.UTF8.GetString(read.Value).ShouldBe(value);
            }

            read.MoveNext().ShouldBeFalse();
        });
    }

    [Fact]
    public void Binary_array_keeps_its_shape()
    {
        var source = new MessageWriter();
        BinaryArray.WriteHeader(source, TypeOids.Text, 3, mayHaveNulls: true);
        source.WriteValue("secret"u8);
        source.WriteNull();
        source.WriteValue([]);
        BinaryArray.TryRead(source.Written, out var array).ShouldBeTrue();
        array.ElementType.ShouldBe(TypeOids.Text);
        array.Count.ShouldBe(3);

        var masked = new MessageWriter();
        array.WriteHeader(masked);
        foreach (var element in array.Elements)
        {
            if (element.IsNull)
                masked.WriteNull();
            else
                masked.WriteValue("*"u8);
        }

        BinaryArray.TryRead(masked.Written, out var result).ShouldBeTrue();
        var texts = new List<string?>();
        foreach (var element in result.Elements)
            texts.Add(element.IsNull ? null : Encoding.UTF8.GetString(element.Value));
        texts.ShouldBe(["*", null, "*"]);
    }

    [Fact]
    public void Truncated_binary_array_is_no_array()
    {
        var source = new MessageWriter();
        BinaryArray.WriteHeader(source, TypeOids.Int4, 2, mayHaveNulls: false);
        source.WriteValue([0, 0, 0, 1]);
        source.WriteValue([0, 0, 0, 2]);
        for (var length = 0; length < source.Length; length++)
            BinaryArray.TryRead(source.Written[..length], out _).ShouldBeFalse();
    }
}
