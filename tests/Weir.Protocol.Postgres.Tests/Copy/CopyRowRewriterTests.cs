using System.Text;
using CsCheck;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Copy;

public sealed class CopyRowRewriterTests
{
    private static readonly CopyFormatOptions[] Options =
    [
        CopyFormatOptions.Text(),
        CopyFormatOptions.Text('|', "NULL"),
        CopyFormatOptions.Csv(),
        CopyFormatOptions.Csv(';', "nil", '\'', '\\'),
        CopyFormatOptions.Csv(forceQuoteAll: true),
        CopyFormatOptions.Csv(escape: '\\', forceQuoteColumns: [1]),
    ];

    [Fact]
    public void Text_row_keeps_untouched_fields_and_escapes_the_new_one()
    {
        Rewrite("1\ta\\tb\tsecret\t\\N\n", CopyFormatOptions.Text(), 2, "x\ty\\").ShouldBe("1\ta\\tb\tx\\ty\\\\\t\\N\n");
    }

    [Fact]
    public void Csv_row_keeps_untouched_fields_and_quotes_the_new_one()
    {
        Rewrite("1,\"a,\"\"b\"\"\n\",secret,\n", CopyFormatOptions.Csv(), 2, "x,\"y\"").ShouldBe("1,\"a,\"\"b\"\"\n\",\"x,\"\"y\"\"\",\n");
    }

    [Fact]
    public void Values_are_read_without_escapes()
    {
        Values("a\\tb\t\\x41\\101\\\\\t\\N\t\n", CopyFormatOptions.Text()).ShouldBe(["a\tb", "AA\\", null, ""]);
        Values("\"a\"\"b\",\"\",,c\"d,e\"f\n", CopyFormatOptions.Csv()).ShouldBe(["a\"b", "", null, "cd,ef"]);
    }

    [Fact]
    public void Empty_row_has_one_field()
    {
        Values("\n", CopyFormatOptions.Text()).ShouldBe([""]);
        Values("\n", CopyFormatOptions.Csv()).ShouldBe([null]);
    }

    [Fact]
    public void Several_rows_in_one_message_are_each_masked()
    {
        Rewrite("1\ts\n2\tt\n", CopyFormatOptions.Text(), 1, "*").ShouldBe("1\t*\n2\t*\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    [InlineData("a\\\n")]
    [InlineData("a\\")]
    public void Text_row_that_does_not_end_is_a_violation(string row)
    {
        Should.Throw<ProtocolViolationException>(() => Values(row, CopyFormatOptions.Text()));
    }

    [Theory]
    [InlineData("\"a\n")]
    [InlineData("\"a\"\"\n")]
    [InlineData("a,b")]
    public void Csv_row_that_does_not_end_is_a_violation(string row)
    {
        Should.Throw<ProtocolViolationException>(() => Values(row, CopyFormatOptions.Csv()));
    }

    [Fact]
    public void A_replaced_value_that_reads_as_null_is_quoted_in_csv()
    {
        Rewrite("1,s\n", CopyFormatOptions.Csv(), 1, "").ShouldBe("1,\"\"\n");
        Rewrite("s\n", CopyFormatOptions.Csv(), 0, "\\.").ShouldBe("\"\\.\"\n");
    }

    [Fact]
    public void Whatever_is_put_into_a_row_comes_out_of_it()
    {
        var field = Gen.OneOf(Gen.String[Gen.Char["ab\\\"',;|\t\n\r\b.N"], 0, 6], Gen.String[Gen.Char['\u0001', '\u00ff'], 0, 6]);
        Gen.Select(field.Array[1, 5], Gen.Int[0, Options.Length - 1]).Sample(
            (values, which) =>
            {
                var options = Options[which];
                var row = string.Join((char)options.Delimiter, Enumerable.Repeat("x", values.Length)) + "\n";
                var writer = new MessageWriter();
                var rewriter = CopyRowRewriter.Begin(writer, Encoding.UTF8.GetBytes(row), options, new MessageWriter());
                for (var i = 0; i < values.Length; i++)
                {
                    rewriter.MoveTo(i).ShouldBeTrue();
                    rewriter.Replace(Encoding.UTF8.GetBytes(values[i]));
                }

                rewriter.End().IsEmpty.ShouldBeTrue();
                rewriter.FieldCount.ShouldBe(values.Length);
                var nullText = Encoding.UTF8.GetString(options.NullText.Span);
                var isAmbiguous = options.Format == CopyFormat.Text && values.Contains(nullText);
                if (!isAmbiguous)
                    Values(Encoding.UTF8.GetString(writer.Written), options).ShouldBe(values);
            },
            iter: 3000);
    }

    [Fact]
    public void Arbitrary_bytes_give_rows_or_a_violation_and_rewriting_nothing_changes_nothing()
    {
        var bytes = Gen.Byte.Array[0, 40].Select(a => a.Select(b => (b & 1) == 0 ? b : (byte)"\\\",\t\n;'x"[b % 8]).ToArray());
        Gen.Select(bytes, Gen.Int[0, Options.Length - 1]).Sample(
            (data, which) =>
            {
                var writer = new MessageWriter();
                try
                {
                    for (ReadOnlySpan<byte> rest = data; !rest.IsEmpty;)
                    {
                        var rewriter = CopyRowRewriter.Begin(writer, rest, Options[which], new MessageWriter());
                        if (rewriter.MoveTo(1))
                            _ = rewriter.Value.Length;
                        rest = rewriter.End();
                    }
                }
                catch (ProtocolViolationException)
                {
                    return;
                }

                writer.Written.SequenceEqual(data).ShouldBeTrue();
            },
            iter: 5000);
    }

    [Fact]
    public void Rewriting_a_row_allocates_nothing()
    {
        var row = "1\ta\\tb\tsecret\t\\N\n"u8.ToArray();
        var options = CopyFormatOptions.Text();
        var writer = new MessageWriter();
        var scratch = new MessageWriter();
        Allocation.Of(() =>
        {
            writer.Clear();
            var rewriter = CopyRowRewriter.Begin(writer, row, options, scratch);
            rewriter.MoveTo(1);
            rewriter.Replace(rewriter.Value);
            rewriter.MoveTo(2);
            rewriter.Replace("****"u8);
            rewriter.End();
        }).ShouldBe(0);
    }

    private static string Rewrite(string data, CopyFormatOptions options, int column, string value)
    {
        var writer = new MessageWriter();
        for (ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(data); !rest.IsEmpty;)
        {
            var rewriter = CopyRowRewriter.Begin(writer, rest, options, new MessageWriter());
            rewriter.MoveTo(column).ShouldBeTrue();
            rewriter.Replace(Encoding.UTF8.GetBytes(value));
            rest = rewriter.End();
        }

        return Encoding.UTF8.GetString(writer.Written);
    }

    private static List<string?> Values(string data, CopyFormatOptions options)
    {
        var values = new List<string?>();
        var reader = new CopyFieldReader(Encoding.UTF8.GetBytes(data), options);
        var scratch = new MessageWriter();
        while (reader.MoveNext())
            values.Add(reader.IsNull ? null : Encoding.UTF8.GetString(reader.Decode(scratch)));
        return values;
    }
}
