using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Copy;

public sealed class CopyBinaryTests
{
    [Fact]
    public void Header_tuple_and_trailer_of_one_message_are_rewritten_in_order()
    {
        var source = new MessageWriter();
        CopyBinary.WriteHeader(source);
        WriteTuple(source, "public"u8, "secret"u8);
        source.WriteBytes(CopyBinary.Trailer);

        var expected = new MessageWriter();
        CopyBinary.WriteHeader(expected);
        WriteTuple(expected, "public"u8, "***"u8);
        expected.WriteBytes(CopyBinary.Trailer);

        var writer = new MessageWriter();
        var rest = source.Written;
        var header = CopyBinary.ReadHeader(rest);
        writer.WriteBytes(rest[..header]);
        rest = rest[header..];
        CopyBinary.IsTrailer(rest).ShouldBeFalse();
        var tuple = TupleRewriter.Begin(writer, rest);
        tuple.MoveTo(1).ShouldBeTrue();
        tuple.Replace("***"u8);
        rest = rest[tuple.End()..];
        CopyBinary.IsTrailer(rest).ShouldBeTrue();
        writer.WriteBytes(rest);

        writer.Written.SequenceEqual(expected.Written).ShouldBeTrue();
    }

    [Fact]
    public void Unknown_critical_flags_and_anything_behind_the_trailer_are_violations()
    {
        var writer = new MessageWriter();
        writer.WriteBytes(CopyBinary.Signature);
        writer.WriteInt32(0x0001_0000);
        writer.WriteInt32(0);
        var header = writer.Written.ToArray();
        Should.Throw<ProtocolViolationException>(() => CopyBinary.ReadHeader(header));
        Should.Throw<ProtocolViolationException>(() => CopyBinary.IsTrailer([0xff, 0xff, 0]));
        Should.Throw<ProtocolViolationException>(() => CopyBinary.ReadHeader("PGCOPY"u8));
    }

    private static void WriteTuple(MessageWriter writer, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        writer.WriteUInt16(2);
        writer.WriteValue(first);
        writer.WriteValue(second);
    }
}
