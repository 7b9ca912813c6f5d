using System.Security.Cryptography;
using System.Text;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Policy.Access;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Scram;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Sessions.Startup;

/// <summary>
/// The key of a certificate that the client has proved to hold, where the credential names exactly this key; else SCRAM against the verifier of the credential, or against a mock one that
/// nothing satisfies when there is no such credential. Then whether the credential gives a right on the connection.
/// </summary>
internal sealed class AuthenticationStage(PostgresSession session, ClientStartup startup, ProtocolNegotiation negotiation) : SessionStage(session)
{
    private static readonly ProtocolLimits Limits = new(maxSmallMessage: 64, maxStatementMessage: 64, maxCopyData: 64);

    private CredentialRecord? _credential;
    private ScramServer? _scram;
    private bool _awaitsFinal;

    public override void Enter()
    {
        Session.Driver.WakeAfter(Session.Services.Options.StartupDeadline);
        if (!Session.Services.Credentials.TryFind(startup.User, out _credential) || !ScramVerifier.TryParse(_credential.ScramVerifier, out var verifier))
            verifier = null;
        if (_credential is not null && HoldsKeyOf(_credential))
        {
            OnProved(_credential);
            return;
        }

        verifier ??= ScramVerifier.CreateMock(Session.Services.Credentials.MockSecret.Span, Encoding.UTF8.GetBytes(startup.User));

        Span<byte> random = stackalloc byte[ScramMechanism.NonceLength];
        RandomNumberGenerator.Fill(random);
        var canBind = Session.Services.Options.ChannelBinding && Session.Client.IsTls && !Session.Client.CertificateHash.IsEmpty;
        _scram = new ScramServer(
            verifier,
            ScramNonce.Encode(random),
            canBind ? ChannelBindingPolicy.Prefer : ChannelBindingPolicy.Disable,
            canBind ? Session.Client.CertificateHash.Span : []);
        AuthenticationMessage.WriteSasl(Session.ToClient, [.. _scram.Mechanisms]);
    }

    public override int OnClientBytes(ReadOnlySpan<byte> data)
    {
        var scanner = new FrameScanner(data, MessageDirection.Frontend, Limits);
        while (!Session.IsOver && _scram is not null && scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            if (frame.FrontendType != FrontendMessageType.Password)
                throw new ProtocolViolationException($"expected SASL response, got message type {frame.Header.Type}", SqlStates.ProtocolViolation, isFatal: true);
            OnMessage(frame.Body);
        }

        return scanner.Position;
    }

    // The client went away while it was asked for its password: psql does so to prompt the user. Not worth a line in the log.
    public override void OnClientClosed(bool isOrderly) => Session.End(SessionEndReason.ClientClosed, null);

    public override void OnTimer() =>
        Session.End(SessionEndReason.Failed, Diagnostic.Fatal(SqlStates.ProtocolViolation, "canceling authentication due to timeout"), "startup deadline");

    private bool HoldsKeyOf(CredentialRecord credential) =>
        !credential.ClientKeyHash.IsEmpty && CryptographicOperations.FixedTimeEquals(credential.ClientKeyHash.Span, Session.Client.ClientKeyHash.Span);

    private void OnMessage(ReadOnlySpan<byte> body)
    {
        if (!_awaitsFinal)
        {
            var initial = SaslInitialResponse.Read(body);
            _awaitsFinal = true;
            if (!initial.HasResponse)
                throw new ProtocolViolationException("malformed SCRAM message", SqlStates.ProtocolViolation, isFatal: true);
            AuthenticationMessage.WriteSaslContinue(Session.ToClient, _scram!.HandleFirst(initial.Mechanism, initial.Response));
            return;
        }

        var outcome = _scram!.HandleFinal(SaslResponse.Read(body).Data, out var answer);
        _scram = null;
        switch (outcome)
        {
            case ScramServerOutcome.Accepted when _credential is not null:
                AuthenticationMessage.WriteSaslFinal(Session.ToClient, answer);
                OnProved(_credential);
                break;
            case ScramServerOutcome.ChannelBindingMismatch:
                Session.Services.Log.ChannelBindingMismatch(Session.Id, Session.Client.Address);
                Session.End(
                    SessionEndReason.Failed,
                    Diagnostic.Fatal(SqlStates.InvalidAuthorizationSpecification, "SCRAM channel binding check failed"));
                break;
            default:
                Session.Services.Log.WrongProof(Session.Id, Session.Client.Address);
                Session.End(
                    SessionEndReason.Failed,
                    Diagnostic.Fatal(SqlStates.InvalidPassword, $"password authentication failed for user \"{startup.User}\""));
                break;
        }
    }

    private void OnProved(CredentialRecord credential)
    {
        var services = Session.Services;
        if (!services.Policies.IsUsable(credential.Principal.Kind))
        {
            Session.End(
                SessionEndReason.Failed,
                Diagnostic.Fatal(SqlStates.CannotConnectNow, "weir: no usable policy: the agent has not heard from its control plane for too long") with
                {
                    Hint = "Try again later, or ask the people who run Weir.",
                });
            return;
        }

        var right = AccessCheck.Find(credential, startup.Connection, services, out var policy, out _);
        if (right is null || policy?.FindConnection(startup.Connection) is not { } connection)
        {
            services.Log.NoRight(Session.Id, Session.Client.Address);
            Session.End(
                SessionEndReason.Failed,
                Diagnostic.Fatal(SqlStates.InvalidAuthorizationSpecification, $"weir: no access to connection \"{startup.Connection}\"") with
                {
                    Hint = "The credential has expired or was revoked, or no access rule or grant covers this connection: request access.",
                });
            return;
        }

        if (startup.IsReplication)
        {
            Session.End(
                SessionEndReason.Failed,
                Diagnostic.Fatal(SqlStates.FeatureNotSupported, "weir: replication connections are not supported"));
            return;
        }

        if (services.Sessions.IsDraining)
        {
            Session.End(SessionEndReason.Drained, Diagnostic.Fatal(SqlStates.CannotConnectNow, "the database system is shutting down"));
            return;
        }

        var identity = new SessionIdentity(credential, startup, connection, right);
        if (!services.Sessions.TryAdd(Session, credential.Principal.Id, services.Options.MaxSessionsPerPrincipal))
        {
            Session.End(
                SessionEndReason.Failed,
                Diagnostic.Fatal(SqlStates.TooManyConnections, "weir: too many sessions of this principal"));
            return;
        }

        Session.Identity = identity;
        AuthenticationMessage.WriteOk(Session.ToClient);
        Session.Enter(new UpstreamStage(Session, identity, negotiation));
    }
}
