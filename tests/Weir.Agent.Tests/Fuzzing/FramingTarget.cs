using System.Globalization;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;
using Weir.Protocol.Postgres.Tests;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>
/// A stream of bytes of one direction, cut into messages, each read whole. It may be refused and nothing else; it must be the same however it arrives; and what was taken for messages must be what was there.
/// </summary>
internal static class FramingTarget
{
    private static readonly ProtocolLimits Limits = new(maxStatementMessage: 512, maxSmallMessage: 256, maxRowMessage: 1024, maxCopyData: 1024);
    private static readonly ILookup<(MessageDirection, byte), MessageSample> Samples = MessageSamples.All.ToLookup(s => (s.Direction, s.Bytes[0]));

    /// <summary>First byte: 0 for what clients send, 1 for servers, 2 for what comes before the startup message.</summary>
    public static Action<byte[]> Create() => static input =>
    {
        if (input.Length < 2)
            return;
        var stream = input.AsSpan(1);
        if (input[0] % 3 == 2)
        {
            Start(stream);
            return;
        }

        var direction = input[0] % 3 == 0 ? MessageDirection.Frontend : MessageDirection.Backend;
        var whole = Scan(stream, stream.Length, direction);
        foreach (var piece in new[] { 1, 3, 7 })
        {
            if (Scan(stream, piece, direction) is var parts && parts != whole)
                throw new InvalidOperationException($"in pieces of {piece} bytes it is {parts}, and whole {whole}");
        }
    };

    public static byte[][] Seeds() =>
    [
        .. MessageSamples.All.Select(s => (byte[])[s.Direction == MessageDirection.Frontend ? (byte)0 : (byte)1, .. s.Bytes]),
        [2, 0, 0, 0, 8, 4, 210, 22, 47], [2, 0, 0, 0, 8, 4, 210, 22, 48], [2, 0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2],
        [2, .. Startup(ProtocolVersion.V30, [])], [2, .. Startup(new ProtocolVersion(3, 9999), [new("_pq_.test_protocol_negotiation", "1")])],
    ];

    private static byte[] Startup(ProtocolVersion version, KeyValuePair<string, string>[] more)
    {
        var writer = new MessageWriter();
        StartupMessage.Write(writer, version, [new("user", "u"), new("database", "d"), new("options", "-c a=b"), .. more]);
        return writer.Written.ToArray();
    }

    /// <summary>What the stream is, when it comes in pieces.</summary>
    private static string Scan(ReadOnlySpan<byte> stream, int piece, MessageDirection direction)
    {
        var told = "";
        var kept = 0;
        try
        {
            for (var end = Math.Min(piece, stream.Length); ; end = Math.Min(end + piece, stream.Length))
            {
                var scanner = new FrameScanner(stream[kept..end], direction, Limits);
                while (scanner.TryRead(out var frame) == FrameStatus.Complete)
                {
                    if (!frame.Bytes.SequenceEqual(stream.Slice(kept + scanner.Position - frame.Bytes.Length, frame.Bytes.Length)) || frame.Body.Length != frame.Header.TotalLength - FrameHeader.Size)
                        throw new InvalidOperationException("a message that is not what was there");
                    told += string.Create(CultureInfo.InvariantCulture, $"{(char)frame.Header.Type}{frame.Body.Length}{Read(direction, frame)} ");
                }

                if (scanner.MissingBytes <= 0)
                    throw new InvalidOperationException("nothing is missing, and nothing came");
                kept += scanner.Position;
                if (end == stream.Length)
                    return told + "open";
            }
        }
        catch (ProtocolViolationException violation)
        {
            return told + violation.Message;
        }
    }

    /// <summary>By every reader of the type: they take the body or refuse it.</summary>
    private static string Read(MessageDirection direction, in Frame frame)
    {
        var told = "";
        foreach (var sample in Samples[(direction, frame.Header.Type)])
        {
            try
            {
                sample.Read(frame.Body);
                told += "+";
            }
            catch (ProtocolViolationException violation) when (violation.SqlState.Length == 5)
            {
                told += "-";
            }
        }

        return told;
    }

    private static void Start(ReadOnlySpan<byte> stream)
    {
        try
        {
            if (!StartupPacket.TryRead(stream, Limits, out var packet, out var missing))
            {
                if (missing <= 0)
                    throw new InvalidOperationException("nothing is missing, and nothing came");
                return;
            }

            switch (packet.Kind)
            {
                case StartupPacketKind.CancelRequest:
                    var secret = CancelRequest.Read(packet).Secret;
                    if (secret.Length > 256)
                        throw new InvalidOperationException("a key longer than any");
                    break;
                case StartupPacketKind.StartupMessage:
                    var message = StartupMessage.Read(packet);
                    foreach (var parameter in message.Parameters)
                        _ = parameter.Name.Length + parameter.Value.Length;
                    var negotiation = ProtocolNegotiation.Negotiate(message);
                    if (negotiation.Version.Major != 3 || negotiation.Version > ProtocolVersion.V32)
                        throw new InvalidOperationException("a version that does not exist");
                    var answer = new MessageWriter();
                    negotiation.WriteAnswer(answer);
                    Agent.Sessions.Startup.ClientStartup.Read(message);
                    break;
            }
        }
        catch (ProtocolViolationException violation) when (violation.SqlState.Length == 5)
        {
            // Refused.
        }
    }
}
