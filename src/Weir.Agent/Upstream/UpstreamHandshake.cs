using System.Security.Cryptography;
using System.Text;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Scram;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Upstream;

/// <summary>
/// Logs in at a database server: bytes in, bytes out. Serves sessions and the agent's own connections.
/// <code>
/// Begin ──(tls)── SSLRequest ──S── NeedTls, OnTls ──┐
///   └──(disable)────────────── N ───────────────────┴─ StartupMessage ─ authentication ─ ParameterStatus*, BackendKeyData ─ ReadyForQuery
/// </code>
/// </summary>
internal sealed class UpstreamHandshake(UpstreamLogin login, UpstreamHost host, ScramKeyCache keys)
{
    /// <summary>A hostile server must not keep the loop busy: PostgreSQL's default is 4,096.</summary>
    private const int MaxIterations = 500_000;

    private const int MaxParameters = 256;
    private const int MaxParameterBytes = 64 * 1024;

    private readonly List<KeyValuePair<string, string>> _parameters = [];
    private ReadOnlyMemory<byte> _certificateHash;
    private bool _isTls;
    private bool _hasAnswered;
    private bool _isAuthenticated;
    private bool _awaitsSslAnswer;
    private int _parameterBytes;
    private ScramClient? _scram;

    public UpstreamFailure? Failure { get; private set; }

    /// <summary>The server's key for CancelRequest; null when it sent none (some poolers).</summary>
    public CancelKey? BackendKey { get; private set; }

    /// <summary>Every ParameterStatus in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters => _parameters;

    public ProtocolVersion Version { get; private set; } = login.Version;

    public bool IsTls => _isTls;

    public UpstreamStep Begin(MessageWriter output)
    {
        if (login.Tls == UpstreamTls.Disable || host.IsUnixSocket)
        {
            if (login.Tls is UpstreamTls.VerifyFull or UpstreamTls.Require)
                return Fail(SqlStates.ConnectionFailure, "weir: the database can't be reached over TLS", "TLS is required, but the host is a Unix socket", tryNext: true);
            WriteStartup(output);
            return UpstreamStep.NeedBytes;
        }

        SslRequest.Write(output);
        _awaitsSslAnswer = true;
        return UpstreamStep.NeedBytes;
    }

    public UpstreamTlsOptions TlsOptions => new(host.Name, login.Tls == UpstreamTls.VerifyFull, login.TlsCaFile, login.Certificate);

    /// <param name="certificateHash">tls-server-end-point data of the server's certificate; empty when it has none.</param>
    /// <param name="output">Towards the server.</param>
    public void OnTls(ReadOnlyMemory<byte> certificateHash, MessageWriter output)
    {
        _isTls = true;
        _certificateHash = certificateHash;
        WriteStartup(output);
    }

    public UpstreamStep OnBytes(ReadOnlySpan<byte> data, MessageWriter output, out int consumed)
    {
        consumed = 0;
        if (_awaitsSslAnswer)
        {
            if (data.IsEmpty)
                return UpstreamStep.NeedBytes;
            _awaitsSslAnswer = false;
            consumed = 1;
            switch (data[0])
            {
                // Bytes behind the S came before the encryption: somebody put them there.
                case SslRequest.Accepted when data.Length == 1:
                    return UpstreamStep.NeedTls;
                case SslRequest.Accepted:
                    return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", "plaintext behind the answer to SSLRequest", tryNext: false);
                case SslRequest.Refused when login.Tls == UpstreamTls.Prefer:
                    WriteStartup(output);
                    return UpstreamStep.NeedBytes;
                default:
                    return Fail(SqlStates.ConnectionFailure, "weir: the database can't be reached over TLS", "the server refused TLS", tryNext: true);
            }
        }

        try
        {
            var scanner = new FrameScanner(data, MessageDirection.Backend, ProtocolLimits.Default);
            var step = UpstreamStep.NeedBytes;
            while (step == UpstreamStep.NeedBytes && scanner.TryRead(out var frame) == FrameStatus.Complete)
            {
                step = OnMessage(frame, output);
                consumed = scanner.Position;
            }

            // Nothing of a login is that large; a header that promises more would make us buffer it.
            if (step == UpstreamStep.NeedBytes && data.Length - consumed > MaxParameterBytes)
                return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", "oversized message during login", tryNext: false);
            return step;
        }
        catch (ProtocolViolationException violation)
        {
            return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", violation.Message, tryNext: false);
        }
    }

    private UpstreamStep OnMessage(in Frame frame, MessageWriter output)
    {
        switch (frame.BackendType)
        {
            case BackendMessageType.Authentication:
                return OnAuthentication(AuthenticationMessage.Read(frame.Body), output);
            case BackendMessageType.ParameterStatus when _isAuthenticated:
                var status = ParameterStatus.Read(frame.Body);
                _parameterBytes += frame.Body.Length;
                if (_parameters.Count >= MaxParameters || _parameterBytes > MaxParameterBytes)
                    return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", "too many ParameterStatus messages", tryNext: false);
                _parameters.Add(new(Encoding.UTF8.GetString(status.Name), Encoding.UTF8.GetString(status.Value)));
                return UpstreamStep.NeedBytes;
            case BackendMessageType.BackendKeyData when _isAuthenticated:
                BackendKey = BackendKeyData.Read(frame.Body).ToCancelKey();
                return UpstreamStep.NeedBytes;
            case BackendMessageType.NegotiateProtocolVersion when !_isAuthenticated:
                var negotiated = NegotiateProtocolVersion.Read(frame.Body).Version;
                if (negotiated.Major != 3 || negotiated > login.Version)
                    return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", "impossible protocol version", tryNext: false);
                Version = negotiated;
                return UpstreamStep.NeedBytes;
            case BackendMessageType.NoticeResponse:
                return UpstreamStep.NeedBytes;
            case BackendMessageType.ErrorResponse:
                return OnError(ErrorResponse.Read(frame.Body));
            case BackendMessageType.ReadyForQuery when _isAuthenticated:
                return CheckTarget();
            default:
                return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", "unexpected message during login", tryNext: false);
        }
    }

    private UpstreamStep OnAuthentication(in AuthenticationMessage message, MessageWriter output)
    {
        if (_isAuthenticated)
            return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", "authentication after AuthenticationOk", tryNext: false);
        switch (message.Kind)
        {
            case AuthenticationKind.Ok when _scram is null or { IsServerVerified: true }:
                _isAuthenticated = true;
                return UpstreamStep.NeedBytes;
            case AuthenticationKind.Ok:
                return Fail(SqlStates.ConnectionFailure, "weir: the database did not prove who it is", "AuthenticationOk before the server's SCRAM signature", tryNext: false);
            case AuthenticationKind.Sasl or AuthenticationKind.Md5Password or AuthenticationKind.CleartextPassword when _hasAnswered:
                // One question, one answer: another one would be out for the password in a form that is easier to guess.
                return Fail(SqlStates.ProtocolViolation, "weir: the database violated the protocol", "a second authentication request", tryNext: false);
            case AuthenticationKind.Sasl or AuthenticationKind.Md5Password or AuthenticationKind.CleartextPassword when login.Password is null:
                return Fail(SqlStates.ConnectionFailure, "weir: the database asks for a password and the connection has none", "no password configured", tryNext: false);
            case AuthenticationKind.CleartextPassword when _isTls || host.IsUnixSocket:
                _hasAnswered = true;
                PasswordMessage.Write(output, Encoding.UTF8.GetBytes(login.Password!));
                return UpstreamStep.NeedBytes;
            case AuthenticationKind.CleartextPassword:
                return Fail(SqlStates.ConnectionFailure, "weir: the database asks for a password in clear text", "cleartext password without TLS", tryNext: false);
            case AuthenticationKind.Md5Password:
                _hasAnswered = true;
                PasswordMessage.Write(output, Md5Password.Compute(login.User, login.Password!, message.Data));
                return UpstreamStep.NeedBytes;
            case AuthenticationKind.Sasl when _scram is null:
                _hasAnswered = true;
                BeginScram(message, output);
                return UpstreamStep.NeedBytes;
            case AuthenticationKind.SaslContinue when _scram is { Keys: null }:
                SaslResponse.Write(output, _scram.HandleServerFirst(message.Data));
                return UpstreamStep.NeedBytes;
            case AuthenticationKind.SaslFinal when _scram is { Keys: not null, IsServerVerified: false }:
                if (_scram.HandleServerFinal(message.Data) != ScramClientOutcome.Verified)
                    return Fail(SqlStates.ConnectionFailure, "weir: the database did not prove who it is", "wrong SCRAM server signature", tryNext: false);
                keys.Store(login.User, login.Password!, _scram.Keys!);
                return UpstreamStep.NeedBytes;
            default:
                return Fail(SqlStates.ConnectionFailure, "weir: the database asks for an unsupported authentication method", $"authentication request {(int)message.Kind}", tryNext: false);
        }
    }

    private void BeginScram(in AuthenticationMessage offer, MessageWriter output)
    {
        Span<byte> random = stackalloc byte[ScramMechanism.NonceLength];
        RandomNumberGenerator.Fill(random);
        _scram = new ScramClient(
            login.Password!,
            ScramNonce.Encode(random),
            ChannelBindingPolicy.Prefer,
            _certificateHash.Span,
            keys.Find(login.User, login.Password!),
            MaxIterations);
        var mechanism = _scram.SelectMechanism(offer);
        SaslInitialResponse.Write(output, Encoding.ASCII.GetBytes(mechanism), _scram.CreateFirst());
    }

    private UpstreamStep OnError(in DiagnosticFields error)
    {
        var state = Encoding.UTF8.GetString(error.SqlState);
        var message = Encoding.UTF8.GetString(error.Message);
        if (message.Length > 500)
            message = message[..500];
        if (state.StartsWith("28", StringComparison.Ordinal))
        {
            // The agent's own credential is wrong: an operator's business, and nothing a client could do about it.
            return Fail(SqlStates.ConnectionFailure, "weir: the database refused the agent's login", $"{state}: {message}", tryNext: false);
        }

        var known = state.Length == 5 && (state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal)
            || state is SqlStates.InvalidCatalogName or SqlStates.InvalidParameterValue or "42704" or SqlStates.InsufficientPrivilege or SqlStates.FeatureNotSupported);
        return Fail(
            known ? state : SqlStates.ConnectionFailure,
            known ? message : "weir: the database refused the connection",
            $"{state}: {message}",
            tryNext: state.StartsWith("57P", StringComparison.Ordinal) || state.StartsWith("53", StringComparison.Ordinal));
    }

    private UpstreamStep CheckTarget()
    {
        var standby = Find("in_hot_standby") == "on";
        // A read-only session pins the setting itself; then its report says nothing about the server.
        var isPinned = login.Parameters.Any(p => p.Key == "default_transaction_read_only");
        var readOnly = standby || (!isPinned && Find("default_transaction_read_only") == "on");
        var fits = login.TargetSessionAttributes switch
        {
            "read-write" => !readOnly,
            "read-only" => readOnly,
            "primary" => !standby,
            "standby" or "prefer-standby" => standby,
            _ => true,
        };
        if (fits)
            return UpstreamStep.Ready;
        Failure = new UpstreamFailure(SqlStates.CannotConnectNow, $"weir: no database server is {login.TargetSessionAttributes}", "target session attributes do not fit", TryNextHost: true, IsMisfit: true);
        return UpstreamStep.Failed;
    }

    /// <summary>The last value reported for a parameter.</summary>
    public string? Find(string name)
    {
        for (var i = _parameters.Count - 1; i >= 0; i--)
        {
            if (_parameters[i].Key == name)
                return _parameters[i].Value;
        }

        return null;
    }

    private void WriteStartup(MessageWriter output)
    {
        KeyValuePair<string, string>[] parameters = [new("user", login.User), new("database", login.Database), .. login.Parameters];
        StartupMessage.Write(output, login.Version, parameters);
    }

    private UpstreamStep Fail(string sqlState, string message, string detail, bool tryNext)
    {
        Failure = new UpstreamFailure(sqlState, message, detail, tryNext);
        return UpstreamStep.Failed;
    }
}
