using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Sessions.Startup;

/// <summary>Reads the startup message. What comes before it (TLS, CancelRequest) is the listener's or the relay's business.</summary>
internal sealed class StartupStage(PostgresSession session) : SessionStage(session)
{
    public void OnStartupMessage(ReadOnlySpan<byte> bytes)
    {
        if (!StartupPacket.TryRead(bytes, ProtocolLimits.Default, out var packet, out _) || packet.Bytes.Length != bytes.Length)
            throw new ProtocolViolationException("invalid length of startup packet", SqlStates.ProtocolViolation, isFatal: true);
        var message = StartupMessage.Read(packet);
        var negotiation = ProtocolNegotiation.Negotiate(message);
        var startup = ClientStartup.Read(message);
        negotiation.WriteAnswer(Session.ToClient);
        if (!Session.Client.IsTls && !IsPlaintextAllowed())
        {
            Session.End(
                Recording.SessionEndReason.Failed,
                Diagnostic.Fatal(SqlStates.InvalidAuthorizationSpecification, "weir: TLS is required (sslmode=require or better)"));
            return;
        }

        Session.Enter(new AuthenticationStage(Session, startup, negotiation));
    }

    private bool IsPlaintextAllowed()
    {
        var options = Session.Services.Options;
        return !options.RequireTls && (options.AllowPlaintext || Session.Client.IsLocal);
    }
}
