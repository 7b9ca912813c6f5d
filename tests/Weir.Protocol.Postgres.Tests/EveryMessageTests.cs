using CsCheck;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Tests;

/// <summary>What holds for every message of the protocol alike.</summary>
public sealed class EveryMessageTests
{
    public static TheoryData<string> Names => [.. MessageSamples.All.Select(sample => sample.ToString())];

    [Fact]
    public void Every_type_byte_has_a_sample()
    {
        MessageSamples.All.Where(s => s.Direction == MessageDirection.Frontend).Select(s => (FrontendMessageType)s.Bytes[0]).Distinct().Order()
            .ShouldBe(Enum.GetValues<FrontendMessageType>().Order());
        MessageSamples.All.Where(s => s.Direction == MessageDirection.Backend).Select(s => (BackendMessageType)s.Bytes[0]).Distinct().Order()
            .ShouldBe(Enum.GetValues<BackendMessageType>().Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_written_is_framed_and_read(string name)
    {
        var sample = MessageSamples.Named(name);
        var scanner = new FrameScanner(sample.Bytes, sample.Direction, ProtocolLimits.Default);
        scanner.TryRead(out var frame).ShouldBe(FrameStatus.Complete);
        frame.Body.Length.ShouldBe(sample.Bytes.Length - FrameHeader.Size);
        scanner.Rest.IsEmpty.ShouldBeTrue();
        sample.Read(frame.Body);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_body_cut_short_anywhere_is_a_violation(string name)
    {
        var sample = MessageSamples.Named(name);
        for (var length = 0; length < sample.Body.Length; length++)
        {
            var body = sample.Body[..length].ToArray();
            if (sample.IsOpenEnded)
                AcceptOrViolation(sample, body);
            else
                Should.Throw<ProtocolViolationException>(() => sample.Read(body));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_behind_the_last_field_are_a_violation(string name)
    {
        var sample = MessageSamples.Named(name);
        if (sample.IsOpenEnded)
            return;
        foreach (var extra in new byte[] { 0, 1, (byte)'x' })
            Should.Throw<ProtocolViolationException>(() => sample.Read([.. sample.Body, extra]));
    }

    [Fact]
    public void Arbitrary_bodies_give_a_message_or_a_violation()
    {
        Gen.Select(Gen.Int[0, MessageSamples.All.Count - 1], Gen.Byte.Array[0, 64])
            .Sample((which, body) => AcceptOrViolation(MessageSamples.All[which], body), iter: 20_000);
    }

    [Fact]
    public void Damaged_bodies_give_a_message_or_a_violation()
    {
        Gen.Select(Gen.Int[0, MessageSamples.All.Count - 1], Gen.Int[0, 1000], Gen.Byte, Gen.Int[0, 3]).Sample(
            (which, at, value, insert) =>
            {
                var sample = MessageSamples.All[which];
                var body = sample.Body.ToArray();
                at = body.Length == 0 ? 0 : at % body.Length;
                body = insert switch
                {
                    0 => [.. body[..at], value, .. body[at..]],
                    1 when body.Length > 0 => [.. body[..at], .. body[(at + 1)..]],
                    _ when body.Length > 0 => [.. body[..at], value, .. body[(at + 1)..]],
                    _ => [value],
                };
                AcceptOrViolation(sample, body);
            },
            iter: 50_000);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reading_allocates_nothing(string name)
    {
        var sample = MessageSamples.Named(name);
        Allocation.Of(() =>
        {
            var scanner = new FrameScanner(sample.Bytes, sample.Direction, ProtocolLimits.Default);
            scanner.TryRead(out var frame);
            sample.Read(frame.Body);
        }).ShouldBe(0);
    }

    private static void AcceptOrViolation(MessageSample sample, byte[] body)
    {
        try
        {
            sample.Read(body);
        }
        catch (ProtocolViolationException violation)
        {
            violation.SqlState.Length.ShouldBe(5);
        }
    }
}
