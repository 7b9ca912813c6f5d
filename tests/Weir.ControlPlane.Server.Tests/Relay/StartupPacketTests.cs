using System.Buffers.Binary;
using System.Text;
using Weir.ControlPlane.Server.Relay;

namespace Weir.ControlPlane.Server.Tests.Relay;

public sealed class StartupPacketTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_startup_message_tells_user_and_database()
    {
        var packet = await ReadAsync(Packet(196608, "user\0w_1\0application_name\0psql\0database\0orders\0\0"));

        packet!.Kind.ShouldBe(StartupPacketKind.StartupMessage);
        packet.Names().ShouldBe(("w_1", "orders"));
    }

    [Fact]
    public async Task Without_a_database_the_user_names_it()
    {
        var packet = await ReadAsync(Packet(196608, "user\0w_1\0\0"));

        packet!.Names().ShouldBe(("w_1", "w_1"));
    }

    [Fact]
    public async Task A_cancel_request_of_protocol_3_2_carries_a_long_key()
    {
        var bytes = Packet(80877102, "");
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var packet = await ReadAsync(WithLength([.. bytes, 0, 0, 0, 7, .. key]));

        packet!.Kind.ShouldBe(StartupPacketKind.CancelRequest);
        packet.ProcessId.ShouldBe(7);
        packet.CancelKey.ToArray().ShouldBe(key);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public async Task A_length_that_PostgreSQL_refuses_is_refused(int length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        await Should.ThrowAsync<RelayProtocolException>(ReadAsync(bytes));
    }

    [Fact]
    public async Task A_peer_that_closes_at_once_is_no_fault_but_one_that_stops_inside_is()
    {
        (await ReadAsync([])).ShouldBeNull();
        await Should.ThrowAsync<RelayProtocolException>(ReadAsync([0, 0, 0]));
        await Should.ThrowAsync<EndOfStreamException>(ReadAsync(Packet(196608, "user\0w_1\0\0")[..12]));
    }

    [Fact]
    public async Task A_list_without_its_end_is_read_as_far_as_it_goes()
    {
        var packet = await ReadAsync(Packet(196608, "user\0w_1\0database"));

        packet!.Names().ShouldBe(("w_1", "w_1"));
    }

    private static Task<StartupPacket?> ReadAsync(byte[] bytes) => StartupPacket.ReadAsync(new MemoryStream(bytes), ReadOnlyMemory<byte>.Empty, Cancellation);

    private static byte[] Packet(int code, string body)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(body)];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), code);
        Encoding.UTF8.GetBytes(body, bytes.AsSpan(8));
        return WithLength(bytes);
    }

    private static byte[] WithLength(byte[] bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        return bytes;
    }
}
