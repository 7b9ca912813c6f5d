using System.Text;
using CsCheck;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Copy;

public sealed class CopyInScannerTests
{
    private static readonly CopyFormatOptions[] Options =
    [
        CopyFormatOptions.Text(),
        CopyFormatOptions.Text('|', "NULL"),
        CopyFormatOptions.Csv(),
        CopyFormatOptions.Csv(';', "nil", '\'', '\\'),
        CopyFormatOptions.Csv(forceQuoteAll: true),
    ];

    private static List<(int Column, long Line, string? Value)> Read(byte[] data, CopyFormatOptions options, int piece, int limit = 1000)
    {
        var scanner = CopyInScanner.Create(options, [false, true, true], limit);
        var found = new List<(int, long, string?)>();
        foreach (var chunk in data.Chunk(piece))
        {
            ReadOnlySpan<byte> rest = chunk;
            while (scanner.MoveNext(ref rest))
                found.Add((scanner.Column, scanner.Line, scanner.IsNull ? null : Encoding.UTF8.GetString(scanner.Value)));
        }

        if (scanner.MoveToEnd())
            found.Add((scanner.Column, scanner.Line, scanner.IsNull ? null : Encoding.UTF8.GetString(scanner.Value)));
        return found;
    }

    [Fact]
    public void Fields_are_the_same_however_the_data_is_cut()
        => Gen.Select(Gen.Int[0, 4], Gen.String[Gen.Char["ab|;,'\"\\\n\r\tN*"], 0, 8].Array[0, 12], Gen.Int[1, 9]).Sample((which, values, piece) =>
        {
            var options = Options[which];
            var writer = new MessageWriter();
            var expected = new List<string>();
            for (var i = 0; i + 2 < values.Length; i += 3)
            {
                for (var column = 0; column < 3; column++)
                {
                    if (column > 0)
                        writer.WriteByte(options.Delimiter);
                    var value = Encoding.UTF8.GetBytes(values[i + column]);
                    if (options.Format == CopyFormat.Text)
                        CopyTextEscaping.Encode(value, options, writer);
                    else
                        CopyCsvEscaping.Encode(value, column, options, writer);
                    if (column > 0)
                        expected.Add(values[i + column]);
                }

                writer.WriteByte((byte)'\n');
            }

            var whole = Read(writer.Written.ToArray(), options, int.MaxValue);
            Read(writer.Written.ToArray(), options, piece).ShouldBe(whole);
            if (options.Format == CopyFormat.Csv || which == 0)
                whole.Select(f => f.Value ?? "").ShouldBe(expected.Select(v => options.Format == CopyFormat.Csv && v == "nil" && which == 3 ? "nil" : v));
        });

    [Fact]
    public void No_more_than_the_limit_is_kept_of_a_field()
        => Read(Encoding.UTF8.GetBytes("1\t" + new string('*', 5000) + "\tx\n"), CopyFormatOptions.Text(), 100, 64)
            .ShouldBe([(1, 1L, new string('*', 64)), (2, 1L, "x")]);

    [Fact]
    public void Arbitrary_bytes_end()
        => Gen.Select(Gen.Byte.Array[0, 80], Gen.Int[1, 9], Gen.Bool).Sample((data, piece, hasHeader) =>
        {
            byte[] stream = hasHeader ? [.. CopyBinary.Signature, .. new byte[8], .. data] : data;
            Read(stream, CopyFormatOptions.Binary, piece).ShouldBe(Read(stream, CopyFormatOptions.Binary, int.MaxValue));
            Read(data, CopyFormatOptions.Csv(), piece).ShouldBe(Read(data, CopyFormatOptions.Csv(), int.MaxValue));
            Read(data, CopyFormatOptions.Text(), piece).ShouldBe(Read(data, CopyFormatOptions.Text(), int.MaxValue));
        });
}
