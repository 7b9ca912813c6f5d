using System.Text;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Framing;

public sealed class MessageWriterTests
{
    [Fact]
    public void Grows_and_keeps_what_was_written()
    {
        var writer = new MessageWriter(initialCapacity: 4);
        var expected = new StringBuilder();
        for (var i = 0; i < 1000; i++)
        {
            writer.WriteUtf8($"{i};");
            expected.Append(i).Append(';');
        }

        Encoding.UTF8.GetString(writer.Written).ShouldBe(expected.ToString());
    }

    [Fact]
    public void Front_and_end_can_be_dropped()
    {
        var writer = new MessageWriter();
        writer.WriteBytes("abcdef"u8);
        writer.RemoveFront(2);
        writer.Truncate(3);
        Encoding.UTF8.GetString(writer.Written).ShouldBe("cde");
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Truncate(4));
        Should.Throw<ArgumentOutOfRangeException>(() => writer.RemoveFront(4));
    }

    [Fact]
    public void A_string_with_NUL_is_refused_before_it_shifts_the_fields_behind_it()
    {
        var writer = new MessageWriter();
        Should.Throw<ArgumentException>(() => writer.WriteCString("a\0b"));
        Should.Throw<ArgumentException>(() => writer.WriteCString("a\0b"u8));
        writer.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_huge_buffer_is_given_up_when_cleared()
    {
        var writer = new MessageWriter(initialCapacity: 16, retainedCapacity: 64);
        writer.WriteBytes(new byte[1000]);
        writer.GetMemory(1).Length.ShouldBeGreaterThan(0);
        writer.Clear();
        writer.GetMemory().Length.ShouldBe(16);
    }
}
