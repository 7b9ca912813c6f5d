using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;
using Weir.Protocol.Postgres.Tests.Framing;

namespace Weir.Protocol.Postgres.Tests.Startup;

public sealed class ProtocolNegotiationTests
{
    [Theory]
    [InlineData(0, 0, 4)]
    [InlineData(2, 2, 32)]
    public void Versions_spoken_here_need_no_answer(ushort minor, ushort agreed, int secretLength)
    {
        var negotiation = Negotiate(new ProtocolVersion(3, minor));
        negotiation.Version.ShouldBe(new ProtocolVersion(3, agreed));
        negotiation.IsAnswerNeeded.ShouldBeFalse();
        negotiation.CancelSecretLength.ShouldBe(secretLength);
        var writer = new MessageWriter();
        negotiation.WriteAnswer(writer);
        writer.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9999)]
    public void A_greater_minor_version_is_answered_with_ours(ushort minor)
    {
        var negotiation = Negotiate(new ProtocolVersion(3, minor));
        negotiation.IsAnswerNeeded.ShouldBeTrue();
        var answer = Answer(negotiation);
        answer.Version.ShouldBe(ProtocolVersion.V32);
        answer.UnknownOptions.ShouldBeEmpty();
    }

    [Fact]
    public void Unknown_protocol_options_are_named_in_the_answer()
    {
        var negotiation = Negotiate(ProtocolVersion.V30, "_pq_.test_protocol_negotiation", "_pq_.b", "application_name");
        var answer = Answer(negotiation);
        answer.Version.ShouldBe(ProtocolVersion.V30);
        answer.UnknownOptions.ShouldBe(["_pq_.test_protocol_negotiation", "_pq_.b"]);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 65535)]
    [InlineData(65535, 0)]
    public void Other_major_versions_are_refused_with_the_text_of_the_server(ushort major, ushort minor)
    {
        var violation = Should.Throw<ProtocolViolationException>(() => Negotiate(new ProtocolVersion(major, minor)));
        violation.SqlState.ShouldBe("0A000");
        violation.Message.ShouldBe($"unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.2");
    }

    private static ProtocolNegotiation Negotiate(ProtocolVersion version, params string[] names)
    {
        var bytes = StartupPacketTests.Startup(version, names.Prepend("user").Select(name => KeyValuePair.Create(name, "x")));
        StartupPacket.TryRead(bytes, ProtocolLimits.Default, out var packet, out _).ShouldBeTrue();
        return ProtocolNegotiation.Negotiate(StartupMessage.Read(packet));
    }

    private static (ProtocolVersion Version, List<string> UnknownOptions) Answer(ProtocolNegotiation negotiation)
    {
        var writer = new MessageWriter();
        negotiation.WriteAnswer(writer);
        writer.Written[0].ShouldBe((byte)'v');
        var message = NegotiateProtocolVersion.Read(writer.Written[FrameHeader.Size..]);
        var options = new List<string>();
        foreach (var option in message.UnknownOptions)
            options.Add(System.Text.Encoding.UTF8.GetString(option));
        options.Count.ShouldBe(message.UnknownOptionCount);
        return (message.Version, options);
    }
}
