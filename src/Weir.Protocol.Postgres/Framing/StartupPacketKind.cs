namespace Weir.Protocol.Postgres.Framing;

/// <summary>What the code word of a startup packet asks for.</summary>
public enum StartupPacketKind
{
    /// <summary>Any version of the protocol, also unsupported ones: see <see cref="Startup.ProtocolNegotiation"/>.</summary>
    StartupMessage,
    CancelRequest,
    SslRequest,
    GssEncRequest,
}
