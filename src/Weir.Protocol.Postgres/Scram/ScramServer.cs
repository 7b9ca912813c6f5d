using System.Security.Cryptography;
using System.Text;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677; PostgreSQL manual, "SASL Authentication").
/// <code>
/// client                                   server
///                             &lt;-- AuthenticationSASL (Offer)
/// SASLInitialResponse         --&gt;                            HandleFirst
///                             &lt;-- AuthenticationSASLContinue
/// SASLResponse                --&gt;                            HandleFinal
///                             &lt;-- AuthenticationSASLFinal, AuthenticationOk | ErrorResponse
/// </code>
/// One object serves one exchange. Malformed messages and a downgraded channel binding throw <see cref="ProtocolViolationException"/>.
/// </summary>
public sealed class ScramServer
{
    private readonly ScramVerifier _verifier;
    private readonly string _nonce;
    private readonly ChannelBindingPolicy _policy;
    private readonly byte[] _bindingData;
    private State _state;
    private byte[] _expectedBinding = [];
    private byte[] _fullNonce = [];
    private byte[] _firstMessages = [];

    /// <param name="verifier">Of the user, or a mock.</param>
    /// <param name="nonce">Fresh, see <see cref="ScramNonce.Encode"/>.</param>
    /// <param name="policy">Without binding data, Prefer acts as Disable and Require is an error.</param>
    /// <param name="channelBindingData">See <see cref="TlsServerEndPoint"/>; empty without TLS.</param>
    public ScramServer(ScramVerifier verifier, string nonce, ChannelBindingPolicy policy, ReadOnlySpan<byte> channelBindingData)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        ArgumentNullException.ThrowIfNull(nonce);
        if (!ScramNonce.IsValid(Encoding.UTF8.GetBytes(nonce)))
            throw new ArgumentException("Not a nonce.", nameof(nonce));
        if (policy == ChannelBindingPolicy.Require && channelBindingData.IsEmpty)
            throw new ArgumentException("Channel binding is required, but there is nothing to bind to.", nameof(channelBindingData));
        _verifier = verifier;
        _nonce = nonce;
        _policy = channelBindingData.IsEmpty ? ChannelBindingPolicy.Disable : policy;
        _bindingData = channelBindingData.ToArray();
        Mechanisms = _policy switch
        {
            ChannelBindingPolicy.Disable => [ScramMechanism.Sha256],
            ChannelBindingPolicy.Require => [ScramMechanism.Sha256Plus],
            _ => [ScramMechanism.Sha256Plus, ScramMechanism.Sha256],
        };
    }

    private enum State
    {
        First,
        Final,
        Done,
    }

    /// <summary>What AuthenticationSASL offers.</summary>
    public IReadOnlyList<string> Mechanisms { get; }

    /// <summary>The client chose PLUS: the exchange is bound to the TLS channel.</summary>
    public bool IsChannelBound { get; private set; }

    /// <summary>Takes the mechanism and the data of SASLInitialResponse; gives the data of AuthenticationSASLContinue.</summary>
    public byte[] HandleFirst(ReadOnlySpan<byte> mechanism, ReadOnlySpan<byte> message)
    {
        Expect(State.First);
        IsChannelBound = mechanism.SequenceEqual("SCRAM-SHA-256-PLUS"u8);
        if ((IsChannelBound && _policy == ChannelBindingPolicy.Disable)
            || (!IsChannelBound && (_policy == ChannelBindingPolicy.Require || !mechanism.SequenceEqual("SCRAM-SHA-256"u8))))
        {
            Violation.ThrowFatal("client selected an invalid SASL authentication mechanism");
        }

        if (message.Length > ScramMechanism.MaxMessageLength)
            Violation.ThrowFatal("malformed SCRAM message");
        var headerLength = ReadGs2Header(message);
        var bare = message[headerLength..];
        _expectedBinding = [.. message[..headerLength], .. IsChannelBound ? _bindingData : []];

        var reader = new ScramAttributeReader(bare);
        if (reader.PeekName() == (byte)'m')
            Violation.ThrowFatal("client requires an unsupported SCRAM extension", SqlStates.FeatureNotSupported);
        reader.Read('n'); // PostgreSQL ignores it: the user is the startup packet's
        var clientNonce = reader.Read('r');
        if (!ScramNonce.IsValid(clientNonce))
            Violation.ThrowFatal("non-printable characters in SCRAM nonce");
        while (!reader.IsAtEnd)
            reader.ReadAny();

        _fullNonce = [.. clientNonce, .. Encoding.ASCII.GetBytes(_nonce)];
        byte[] answer =
        [
            .. "r="u8, .. _fullNonce,
            .. ",s="u8, .. Encoding.ASCII.GetBytes(Convert.ToBase64String(_verifier.Salt)),
            .. Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $",i={_verifier.Iterations}")),
        ];
        _firstMessages = [.. bare, (byte)',', .. answer, (byte)','];
        _state = State.Final;
        return answer;
    }

    /// <summary>Takes the data of SASLResponse. <paramref name="answer"/> is the data of AuthenticationSASLFinal, empty unless accepted.</summary>
    public ScramServerOutcome HandleFinal(ReadOnlySpan<byte> message, out byte[] answer)
    {
        Expect(State.Final);
        answer = [];
        var reader = new ScramAttributeReader(message);
        Span<byte> binding = stackalloc byte[ScramMechanism.MaxMessageLength];
        binding = binding[..ScramBase64.Decode(reader.Read('c'), binding)];
        if (!reader.Read('r').SequenceEqual(_fullNonce))
            Violation.ThrowFatal("invalid SCRAM response: nonce does not match");
        while (reader.PeekName() != (byte)'p')
            reader.ReadAny();
        var withoutProof = message[..(reader.Position - 1)];
        Span<byte> proof = stackalloc byte[ScramVerifier.KeyLength];
        if (ScramBase64.Decode(reader.Read('p'), proof) != ScramVerifier.KeyLength)
            Violation.ThrowFatal("malformed SCRAM message: malformed proof");
        reader.EnsureEnd();

        if (!CryptographicOperations.FixedTimeEquals(binding, _expectedBinding))
            return IsChannelBound ? ScramServerOutcome.ChannelBindingMismatch : throw new ProtocolViolationException("unexpected SCRAM channel-binding attribute in client-final-message", SqlStates.ProtocolViolation, isFatal: true);

        byte[] authMessage = [.. _firstMessages, .. withoutProof];
        Span<byte> clientKey = stackalloc byte[ScramVerifier.KeyLength];
        HMACSHA256.HashData(_verifier.StoredKey, authMessage, clientKey);
        for (var i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];
        Span<byte> storedKey = stackalloc byte[ScramVerifier.KeyLength];
        SHA256.HashData(clientKey, storedKey);
        Span<byte> signature = stackalloc byte[ScramVerifier.KeyLength];
        HMACSHA256.HashData(_verifier.ServerKey, authMessage, signature);
        var isRight = CryptographicOperations.FixedTimeEquals(storedKey, _verifier.StoredKey);
        CryptographicOperations.ZeroMemory(clientKey);
        if (!isRight | _verifier.IsMock)
            return ScramServerOutcome.WrongProof;
        answer = [.. "v="u8, .. Encoding.ASCII.GetBytes(Convert.ToBase64String(signature))];
        return ScramServerOutcome.Accepted;
    }

    /// <summary>Length of the header, which the client repeats in its last message.</summary>
    private int ReadGs2Header(ReadOnlySpan<byte> message)
    {
        var comma = message.IndexOf((byte)',');
        if (comma < 1)
            Violation.ThrowFatal("malformed SCRAM message");
        var flag = message[..comma];
        switch (flag[0])
        {
            case (byte)'n' when comma == 1:
                if (IsChannelBound)
                    Violation.ThrowFatal("malformed SCRAM message: channel binding selected but not included");
                break;
            case (byte)'y' when comma == 1:
                if (IsChannelBound)
                    Violation.ThrowFatal("malformed SCRAM message: channel binding selected but not included");
                // The client could bind and believes that the server can't: somebody took PLUS out of the offer.
                if (_policy != ChannelBindingPolicy.Disable)
                    Violation.ThrowFatal("SCRAM channel binding negotiation error", SqlStates.InvalidAuthorizationSpecification);
                break;
            case (byte)'p':
                if (!IsChannelBound)
                    Violation.ThrowFatal("malformed SCRAM message: channel binding included but not selected");
                if (!flag.SequenceEqual("p=tls-server-end-point"u8))
                    Violation.ThrowFatal("unsupported SCRAM channel-binding type");
                break;
            default:
                Violation.ThrowFatal("malformed SCRAM message: unexpected channel-binding flag");
                break;
        }

        if (comma + 1 >= message.Length || message[comma + 1] != (byte)',')
        {
            Violation.ThrowFatal("client uses authorization identity, but it is not supported", SqlStates.FeatureNotSupported);
        }

        return comma + 2;
    }

    private void Expect(State state)
    {
        if (_state != state)
            throw new InvalidOperationException("An exchange takes one first and one final message.");
        _state = State.Done;
    }
}
