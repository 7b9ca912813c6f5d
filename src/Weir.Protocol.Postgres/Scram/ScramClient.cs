using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677).
/// <code>
/// AuthenticationSASL          --&gt; SelectMechanism, CreateFirst --&gt; SASLInitialResponse
/// AuthenticationSASLContinue  --&gt; HandleServerFirst            --&gt; SASLResponse
/// AuthenticationSASLFinal     --&gt; HandleServerFinal
/// AuthenticationOk            --&gt; only good if IsServerVerified
/// </code>
/// One object serves one exchange. What the server sends wrong throws <see cref="ProtocolViolationException"/>.
/// </summary>
public sealed class ScramClient
{
    private readonly string _password;
    private readonly byte[] _nonce;
    private readonly ChannelBindingPolicy _policy;
    private readonly byte[] _bindingData;
    private readonly ScramKeys? _cachedKeys;
    private readonly int _maxIterations;
    private State _state;
    private byte[] _header = [];
    private byte[] _authMessage = [];

    /// <param name="password">Of the user in the startup packet.</param>
    /// <param name="nonce">Fresh, see <see cref="ScramNonce.Encode"/>.</param>
    /// <param name="policy">Without binding data, Prefer acts as Disable and Require fails at <see cref="SelectMechanism"/>.</param>
    /// <param name="channelBindingData">See <see cref="TlsServerEndPoint"/>; empty without TLS.</param>
    /// <param name="cachedKeys">Of an earlier exchange with the same password; used if salt and iterations are still the same.</param>
    /// <param name="maxIterations">A server that asks for more is refused.</param>
    public ScramClient(
        string password,
        string nonce,
        ChannelBindingPolicy policy,
        ReadOnlySpan<byte> channelBindingData,
        ScramKeys? cachedKeys = null,
        int maxIterations = ScramVerifier.MaxIterations)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(nonce);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxIterations, ScramVerifier.MaxIterations);
        _password = password;
        _nonce = Encoding.UTF8.GetBytes(nonce);
        if (!ScramNonce.IsValid(_nonce))
            throw new ArgumentException("Not a nonce.", nameof(nonce));
        _policy = policy;
        _bindingData = channelBindingData.ToArray();
        _cachedKeys = cachedKeys;
        _maxIterations = maxIterations;
        Mechanism = ScramMechanism.Sha256;
    }

    private enum State
    {
        Offer,
        First,
        ServerFirst,
        ServerFinal,
        Done,
    }

    /// <summary>After <see cref="SelectMechanism"/>.</summary>
    public string Mechanism { get; private set; }

    public bool IsChannelBound => Mechanism == ScramMechanism.Sha256Plus;

    /// <summary>The server has proved that it knows the verifier. An AuthenticationOk before that is an attack.</summary>
    public bool IsServerVerified { get; private set; }

    /// <summary>The keys used, for the next connection; null before <see cref="HandleServerFirst"/>. The caller disposes them, also new ones after a failure.</summary>
    public ScramKeys? Keys { get; private set; }

    // Empty, as with libpq: the server takes the user from the startup packet. Set by tests of the RFC's example only.
    internal string UserName { get; init; } = string.Empty;

    /// <summary>Chooses among the mechanisms of AuthenticationSASL.</summary>
    /// <exception cref="ProtocolViolationException">None is possible, or none with the required channel binding (28000).</exception>
    public string SelectMechanism(in AuthenticationMessage offer)
    {
        Expect(State.Offer, State.First);
        var canBind = _policy != ChannelBindingPolicy.Disable && _bindingData.Length > 0;
        if (canBind && offer.Offers("SCRAM-SHA-256-PLUS"u8))
        {
            Mechanism = ScramMechanism.Sha256Plus;
            _header = "p=tls-server-end-point,,"u8.ToArray();
        }
        else if (_policy == ChannelBindingPolicy.Require)
        {
            Violation.ThrowFatal("channel binding is required, but the server does not offer it", SqlStates.InvalidAuthorizationSpecification);
        }
        else if (offer.Offers("SCRAM-SHA-256"u8))
        {
            Mechanism = ScramMechanism.Sha256;
            _header = canBind ? "y,,"u8.ToArray() : "n,,"u8.ToArray();
        }
        else
        {
            Violation.ThrowFatal("the server offers no known SASL mechanism", SqlStates.FeatureNotSupported);
        }

        return Mechanism;
    }

    /// <summary>The data of SASLInitialResponse.</summary>
    public byte[] CreateFirst()
    {
        Expect(State.First, State.ServerFirst);
        return [.. _header, .. ClientFirstBare()];
    }

    /// <summary>Takes the data of AuthenticationSASLContinue; gives the data of SASLResponse. Takes as long as the iterations do.</summary>
    public byte[] HandleServerFirst(ReadOnlySpan<byte> message)
    {
        Expect(State.ServerFirst, State.ServerFinal);
        var reader = new ScramAttributeReader(message);
        if (reader.PeekName() == (byte)'m')
            Violation.ThrowFatal("server requires an unsupported SCRAM extension", SqlStates.FeatureNotSupported);
        var nonce = reader.Read('r');
        if (nonce.Length <= _nonce.Length || !nonce.StartsWith(_nonce) || !ScramNonce.IsValid(nonce[_nonce.Length..]))
            Violation.ThrowFatal("invalid SCRAM response: nonce does not match");
        Span<byte> salt = stackalloc byte[ScramVerifier.MaxSaltLength];
        salt = salt[..ScramBase64.Decode(reader.Read('s'), salt)];
        if (salt.IsEmpty)
            Violation.ThrowFatal("malformed SCRAM message: invalid salt");
        var iterationText = reader.Read('i');
        if (!Utf8Parser.TryParse(iterationText, out int iterations, out var consumed)
            || consumed != iterationText.Length
            || iterations < 1
            || iterations > _maxIterations)
        {
            Violation.ThrowFatal("malformed SCRAM message: invalid iteration count");
        }

        while (!reader.IsAtEnd)
            reader.ReadAny();

        Keys = _cachedKeys is not null && _cachedKeys.Fit(salt, iterations) ? _cachedKeys : ScramKeys.Derive(_password, salt, iterations);
        byte[] binding = IsChannelBound ? [.. _header, .. _bindingData] : _header;
        byte[] withoutProof = [.. "c="u8, .. Encoding.ASCII.GetBytes(Convert.ToBase64String(binding)), .. ",r="u8, .. nonce];
        _authMessage = [.. ClientFirstBare(), (byte)',', .. message, (byte)',', .. withoutProof];

        Span<byte> proof = stackalloc byte[ScramVerifier.KeyLength];
        HMACSHA256.HashData(Keys.StoredKey, _authMessage, proof);
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= Keys.ClientKey[i];
        return [.. withoutProof, .. ",p="u8, .. Encoding.ASCII.GetBytes(Convert.ToBase64String(proof))];
    }

    /// <summary>Takes the data of AuthenticationSASLFinal.</summary>
    public ScramClientOutcome HandleServerFinal(ReadOnlySpan<byte> message)
    {
        Expect(State.ServerFinal, State.Done);
        var reader = new ScramAttributeReader(message);
        if (reader.PeekName() == (byte)'e')
            return ScramClientOutcome.Refused;
        Span<byte> signature = stackalloc byte[ScramVerifier.KeyLength];
        if (ScramBase64.Decode(reader.Read('v'), signature) != ScramVerifier.KeyLength)
            Violation.ThrowFatal("malformed SCRAM message: invalid server signature");
        while (!reader.IsAtEnd)
            reader.ReadAny();
        Span<byte> expected = stackalloc byte[ScramVerifier.KeyLength];
        HMACSHA256.HashData(Keys!.ServerKey, _authMessage, expected);
        IsServerVerified = CryptographicOperations.FixedTimeEquals(signature, expected);
        return IsServerVerified ? ScramClientOutcome.Verified : ScramClientOutcome.WrongSignature;
    }

    private byte[] ClientFirstBare() => [.. "n="u8, .. Encoding.UTF8.GetBytes(UserName), .. ",r="u8, .. _nonce];

    private void Expect(State state, State next)
    {
        if (_state != state)
            throw new InvalidOperationException("The steps of an exchange are out of order.");
        _state = next;
    }
}
