using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Net;

/// <summary>
/// What a client may say before its startup message, one packet at a time: at most one SSLRequest and one GSSENCRequest, in any order,
/// then a StartupMessage or a CancelRequest.
/// </summary>
internal struct ClientNegotiation(bool isTlsOffered, bool isTls)
{
    private bool _sslAsked = isTls;
    private bool _gssAsked = isTls;

    /// <param name="received">Everything received and not consumed.</param>
    /// <param name="packetLength">Length of the packet that decided the step.</param>
    /// <exception cref="ProtocolViolationException">The client must be closed.</exception>
    public NegotiationStep Next(ReadOnlySpan<byte> received, out int packetLength)
    {
        packetLength = 0;
        if (!StartupPacket.TryRead(received, ProtocolLimits.Default, out var packet, out _))
            return NegotiationStep.NeedBytes;
        packetLength = packet.Bytes.Length;
        switch (packet.Kind)
        {
            case StartupPacketKind.SslRequest when !_sslAsked:
                _sslAsked = true;
                // What follows would have been sent in plaintext and be taken for encrypted.
                RequireNothingBehind(received, packetLength);
                return isTlsOffered ? NegotiationStep.StartTls : NegotiationStep.RefuseTls;
            case StartupPacketKind.GssEncRequest when !_gssAsked:
                _gssAsked = true;
                RequireNothingBehind(received, packetLength);
                return NegotiationStep.RefuseGss;
            case StartupPacketKind.CancelRequest:
                return NegotiationStep.Cancel;
            case StartupPacketKind.StartupMessage:
                return NegotiationStep.Start;
            default:
                // Once it has been dealt with, PostgreSQL takes the number for a version.
                var version = new ProtocolVersion(packet.Code);
                throw new ProtocolViolationException($"unsupported frontend protocol {version}: server supports 3.0 to {ProtocolVersion.V32}", SqlStates.FeatureNotSupported, isFatal: true);
        }
    }

    private static void RequireNothingBehind(ReadOnlySpan<byte> received, int packetLength)
    {
        if (received.Length != packetLength)
            throw new ProtocolViolationException("received unencrypted data after encryption request", SqlStates.ProtocolViolation, isFatal: true);
    }
}
