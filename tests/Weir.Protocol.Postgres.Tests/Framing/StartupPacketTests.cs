using CsCheck;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Protocol.Postgres.Tests.Framing;

public sealed class StartupPacketTests
{
    private static readonly KeyValuePair<string, string>[] Parameters =
    [
        new("user", "ann"), new("database", "orders"), new("_pq_.x", "1"), new("user", "bob"), new("options", ""),
    ];

    [Fact]
    public void Startup_message_keeps_its_parameters_and_the_last_of_a_name_counts()
    {
        var bytes = Startup(ProtocolVersion.V32, Parameters);
        StartupPacket.TryRead(bytes, ProtocolLimits.Default, out var packet, out _).ShouldBeTrue();
        packet.Kind.ShouldBe(StartupPacketKind.StartupMessage);
        var message = StartupMessage.Read(packet);
        message.Version.ShouldBe(ProtocolVersion.V32);
        message.GetParameter("user"u8).ShouldBe("bob");
        message.GetParameter("options"u8).ShouldBe("");
        message.GetParameter("replication"u8).ShouldBeNull();
        var names = new List<string>();
        foreach (var parameter in message.Parameters)
            names.Add(System.Text.Encoding.UTF8.GetString(parameter.Name));
        names.ShouldBe(["user", "database", "_pq_.x", "user", "options"]);
    }

    [Fact]
    public void A_startup_packet_cut_short_needs_exactly_the_rest()
    {
        var bytes = Startup(ProtocolVersion.V30, Parameters);
        for (var length = 0; length < bytes.Length; length++)
        {
            StartupPacket.TryRead(bytes.AsSpan(0, length), ProtocolLimits.Default, out _, out var missing).ShouldBeFalse();
            missing.ShouldBe(length < 4 ? 8 - length : bytes.Length - length);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(10_005)]
    [InlineData(int.MaxValue)]
    public void Impossible_lengths_are_refused_from_four_bytes(int length)
    {
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        Should.Throw<ProtocolViolationException>(() => StartupPacket.TryRead(bytes, ProtocolLimits.Default, out _, out _)).IsFatal.ShouldBeTrue();
    }

    [Fact]
    public void The_longest_packet_PostgreSQL_takes_is_taken()
    {
        byte[] bytes = [0, 0, 0x27, 0x14, 0, 3, 0, 0];
        StartupPacket.TryRead(bytes, ProtocolLimits.Default, out _, out var missing).ShouldBeFalse();
        missing.ShouldBe(10_004 - 8);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { (byte)'a' })]
    [InlineData(new byte[] { (byte)'a', 0 })]
    [InlineData(new byte[] { (byte)'a', 0, 0 })]
    [InlineData(new byte[] { (byte)'a', 0, (byte)'b' })]
    [InlineData(new byte[] { (byte)'a', 0, (byte)'b', 0 })]
    [InlineData(new byte[] { 0, 0 })]
    [InlineData(new byte[] { 0, 1 })]
    public void A_parameter_list_that_does_not_end_properly_is_refused(byte[] parameters)
    {
        byte[] bytes = [0, 0, 0, (byte)(8 + parameters.Length), 0, 3, 0, 0, .. parameters];
        Should.Throw<ProtocolViolationException>(() =>
        {
            StartupPacket.TryRead(bytes, ProtocolLimits.Default, out var packet, out _).ShouldBeTrue();
            StartupMessage.Read(packet);
        }).IsFatal.ShouldBeTrue();
    }

    [Fact]
    public void Requests_for_encryption_are_recognised_and_carry_nothing()
    {
        StartupPacket.TryRead(SslRequest.Bytes, ProtocolLimits.Default, out var packet, out _).ShouldBeTrue();
        packet.Kind.ShouldBe(StartupPacketKind.SslRequest);
        StartupPacket.TryRead(GssEncRequest.Bytes, ProtocolLimits.Default, out packet, out _).ShouldBeTrue();
        packet.Kind.ShouldBe(StartupPacketKind.GssEncRequest);
        byte[] longer = [0, 0, 0, 9, 4, 0xd2, 0x16, 0x2f, 0];
        Should.Throw<ProtocolViolationException>(() => StartupPacket.TryRead(longer, ProtocolLimits.Default, out _, out _));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(32, true)]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Cancel_requests_have_secrets_of_4_to_256_bytes(int length, bool isAllowed)
    {
        var writer = new MessageWriter();
        var start = writer.BeginUntyped();
        writer.WriteInt32(StartupPacket.CancelRequestCode);
        writer.WriteInt32(99);
        writer.WriteBytes(new byte[length]);
        writer.EndMessage(start);
        var bytes = writer.Written.ToArray();
        StartupPacket.TryRead(bytes, ProtocolLimits.Default, out var packet, out _).ShouldBeTrue();
        packet.Kind.ShouldBe(StartupPacketKind.CancelRequest);
        if (isAllowed)
        {
            var request = CancelRequest.Read(packet);
            request.ProcessId.ShouldBe(99);
            request.Secret.Length.ShouldBe(length);
            new CancelKey(99, new byte[length]).Matches(request.ProcessId, request.Secret).ShouldBeTrue();
            new CancelKey(98, new byte[length]).Matches(request.ProcessId, request.Secret).ShouldBeFalse();
        }
        else
        {
            Should.Throw<ProtocolViolationException>(() =>
            {
                StartupPacket.TryRead(bytes, ProtocolLimits.Default, out var again, out _);
                CancelRequest.Read(again);
            });
        }
    }

    [Fact]
    public void Arbitrary_bytes_give_a_packet_or_need_more_or_a_violation()
    {
        var gen = Gen.Select(Gen.Byte.Array[0, 30], Gen.Int[0, 40], Gen.OneOf(Gen.Const(196608), Gen.Const(196610), Gen.Int[80877102, 80877104], Gen.Const(131072), Gen.Const(77)));
        gen.Sample((body, length, code) =>
        {
            byte[] bytes = [0, 0, 0, (byte)length, (byte)(code >> 24), (byte)(code >> 16), (byte)(code >> 8), (byte)code, .. body];
            try
            {
                if (!StartupPacket.TryRead(bytes, ProtocolLimits.Default, out var packet, out var missing))
                {
                    missing.ShouldBeGreaterThan(0);
                    return;
                }

                if (packet.Kind == StartupPacketKind.CancelRequest)
                {
                    CancelRequest.Read(packet);
                }
                else if (packet.Kind == StartupPacketKind.StartupMessage)
                {
                    var message = StartupMessage.Read(packet);
                    foreach (var parameter in message.Parameters)
                        parameter.Name.IsEmpty.ShouldBeFalse();
                    ProtocolNegotiation.Negotiate(message);
                }
            }
            catch (ProtocolViolationException violation)
            {
                violation.IsFatal.ShouldBeTrue();
            }
        });
    }

    internal static byte[] Startup(ProtocolVersion version, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var writer = new MessageWriter();
        StartupMessage.Write(writer, version, parameters);
        return writer.Written.ToArray();
    }
}
