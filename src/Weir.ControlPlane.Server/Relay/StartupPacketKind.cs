namespace Weir.ControlPlane.Server.Relay;

internal enum StartupPacketKind
{
    SslRequest,
    GssEncryptionRequest,
    CancelRequest,
    StartupMessage,
}
