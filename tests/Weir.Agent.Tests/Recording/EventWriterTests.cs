using CsCheck;
using Google.Protobuf;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Recording;

public sealed class EventWriterTests
{
    [Fact]
    public void Whatever_is_written_the_library_reads_the_same()
    {
        Gen.Select(Gen.Long, Gen.Long, Gen.Byte.Array[0, 300], Gen.String[0, 100], Gen.Bool).Sample((number, other, bytes, text, flag) =>
        {
            var buffer = new byte[4096];
            var writer = new EventWriter(buffer);
            writer.Int64(1, number);
            writer.Text(2, System.Text.Encoding.UTF8.GetBytes(text));
            writer.OptionalInt64(4, other);
            writer.Bytes(8, bytes);
            var parsed = StatementFinished.Parser.ParseFrom(buffer, 0, writer.Position);
            return parsed.Statement == number
                && parsed.Status == System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text))
                && parsed.HasRows && parsed.Rows == other
                && parsed.RowsHash.Span.SequenceEqual(bytes)
                && writer.Position == parsed.CalculateSize();
        });
    }

    [Fact]
    public void The_checksum_is_the_published_one()
    {
        // RFC 3720, appendix B.4.
        Crc32C.Compute(new byte[32]).ShouldBe(0x8A9136AAu);
        var ones = new byte[32];
        Array.Fill(ones, (byte)0xFF);
        Crc32C.Compute(ones).ShouldBe(0x62A8AB43u);
        Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]).ShouldBe(0x46DD794Eu);
        Crc32C.Compute("123456789"u8).ShouldBe(0xE3069283u);
    }
}
