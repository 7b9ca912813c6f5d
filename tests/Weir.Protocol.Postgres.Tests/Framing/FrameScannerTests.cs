using System.Buffers.Binary;
using CsCheck;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests.Framing;

public sealed class FrameScannerTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(ProtocolLimits.PostgresLargeMessageLimit + 1)]
    public void Impossible_lengths_close_the_connection(int length)
    {
        var violation = Should.Throw<ProtocolViolationException>(() => Scan(Header('Q', length), MessageDirection.Frontend));
        violation.IsFatal.ShouldBeTrue();
        violation.SqlState.ShouldBe("08P01");
    }

    [Theory]
    [InlineData('S', 10_000, true)]
    [InlineData('S', 10_001, false)]
    [InlineData('X', 10_001, false)]
    [InlineData('E', 10_001, false)]
    [InlineData('p', 65_535, true)]
    [InlineData('p', 65_536, false)]
    [InlineData('Q', ProtocolLimits.PostgresLargeMessageLimit, true)]
    [InlineData('d', ProtocolLimits.PostgresLargeMessageLimit, true)]
    public void Each_frontend_type_has_the_limit_of_the_server(char type, int length, bool isAllowed)
    {
        if (isAllowed)
            Scan(Header(type, length), MessageDirection.Frontend).ShouldBe(FrameStatus.NeedBody);
        else
            Should.Throw<ProtocolViolationException>(() => Scan(Header(type, length), MessageDirection.Frontend));
    }

    [Fact]
    public void Types_of_the_other_direction_and_unknown_ones_are_refused_by_their_first_byte()
    {
        for (var type = 0; type < 256; type++)
        {
            foreach (var direction in Enum.GetValues<MessageDirection>())
            {
                var isKnown = direction == MessageDirection.Frontend
                    ? Enum.IsDefined((FrontendMessageType)type)
                    : Enum.IsDefined((BackendMessageType)type);
                byte[] bytes = [(byte)type];
                if (isKnown)
                    Scan(bytes, direction).ShouldBe(FrameStatus.NeedHeader);
                else
                    Should.Throw<ProtocolViolationException>(() => Scan(bytes, direction)).IsFatal.ShouldBeTrue();
            }
        }
    }

    [Fact]
    public void Lower_limits_can_be_set()
    {
        var limits = new ProtocolLimits(maxStatementMessage: 1000);
        Should.Throw<ProtocolViolationException>(() => new FrameScanner(Header('Q', 1001), MessageDirection.Frontend, limits).TryRead(out _));
        new FrameScanner(Header('Q', 1000), MessageDirection.Frontend, limits).TryRead(out _).ShouldBe(FrameStatus.NeedBody);
        Should.Throw<ArgumentOutOfRangeException>(() => new ProtocolLimits(maxStatementMessage: int.MaxValue));
    }

    [Fact]
    public void Messages_in_pieces_of_any_size_are_the_messages_sent()
    {
        var genMessage = Gen.Select(Gen.Char["QPBd"], Gen.Byte.Array[0, 20]);
        Gen.Select(genMessage.Array[1, 8], Gen.Int[1, 7]).Sample((messages, step) =>
        {
            var stream = new List<byte>();
            foreach (var (type, body) in messages)
                stream.AddRange([.. Header(type, body.Length + 4), .. body]);

            var seen = new List<(char, byte[])>();
            var pending = new List<byte>();
            for (var at = 0; at < stream.Count; at += step)
            {
                pending.AddRange(stream.Skip(at).Take(step));
                var scanner = new FrameScanner(pending.ToArray(), MessageDirection.Frontend, ProtocolLimits.Default);
                while (scanner.TryRead(out var frame) == FrameStatus.Complete)
                    seen.Add(((char)frame.Header.Type, frame.Body.ToArray()));
                scanner.MissingBytes.ShouldBeGreaterThan(0);
                pending = [.. scanner.Rest.ToArray()];
            }

            pending.ShouldBeEmpty();
            seen.Count.ShouldBe(messages.Length);
            for (var i = 0; i < seen.Count; i++)
            {
                seen[i].Item1.ShouldBe(messages[i].Item1);
                seen[i].Item2.ShouldBe(messages[i].Item2);
            }
        });
    }

    [Fact]
    public void A_large_body_is_streamed_from_its_first_five_bytes()
    {
        const int BodyLength = 1000;
        byte[] first = [.. Header('d', BodyLength + 4), 1, 2, 3];
        var scanner = new FrameScanner(first, MessageDirection.Backend, ProtocolLimits.Default);
        scanner.TryRead(out var frame).ShouldBe(FrameStatus.NeedBody);
        frame.BackendType.ShouldBe(BackendMessageType.CopyData);
        frame.Body.ToArray().ShouldBe([1, 2, 3]);
        frame.MissingBytes.ShouldBe(BodyLength - 3);
        var body = scanner.BeginStreaming(frame);
        scanner.Rest.IsEmpty.ShouldBeTrue();

        body.Take(new byte[600], out var rest).Length.ShouldBe(600);
        rest.IsEmpty.ShouldBeTrue();
        body.IsComplete.ShouldBeFalse();
        byte[] last = [.. new byte[397], .. "Z"u8];
        body.Take(last, out rest).Length.ShouldBe(397);
        rest.SequenceEqual("Z"u8).ShouldBeTrue();
        body.IsComplete.ShouldBeTrue();
    }

    [Fact]
    public void Arbitrary_bytes_give_frames_or_need_more_or_a_violation()
    {
        Gen.Select(Gen.Byte.Array[0, 40], Gen.Bool).Sample((bytes, isFrontend) =>
        {
            var direction = isFrontend ? MessageDirection.Frontend : MessageDirection.Backend;
            try
            {
                var scanner = new FrameScanner(bytes, direction, ProtocolLimits.Default);
                while (scanner.TryRead(out _) == FrameStatus.Complete)
                {
                }

                scanner.MissingBytes.ShouldBeGreaterThan(0);
            }
            catch (ProtocolViolationException violation)
            {
                violation.IsFatal.ShouldBeTrue();
            }
        });
    }

    private static FrameStatus Scan(byte[] bytes, MessageDirection direction) =>
        new FrameScanner(bytes, direction, ProtocolLimits.Default).TryRead(out _);

    private static byte[] Header(char type, int length)
    {
        var header = new byte[5];
        header[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), length);
        return header;
    }
}
