using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// What a server keeps instead of a SCRAM-SHA-256 password (RFC 5802 section 3), in PostgreSQL's text form:
/// <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>, the last three in base64. Whoever has it can't log in with it, but can
/// try passwords: it is a secret, and its text form is <see cref="Format"/>, never <see cref="ToString"/>.
/// </summary>
public sealed class ScramVerifier
{
    public const int KeyLength = 32;

    /// <summary>PostgreSQL's default (scram_iterations).</summary>
    public const int DefaultIterations = 4096;

    /// <summary>Bytes of salt that PostgreSQL makes.</summary>
    public const int DefaultSaltLength = 16;

    /// <summary>
    /// Highest iteration count accepted in a verifier and from a server: 10,000,000, several seconds of CPU. A hostile server could
    /// otherwise keep a client busy for hours by a single number.
    /// </summary>
    public const int MaxIterations = 10_000_000;

    /// <summary>Longest salt accepted, in bytes.</summary>
    public const int MaxSaltLength = 256;

    private const string Prefix = "SCRAM-SHA-256$";

    private readonly byte[] _salt;
    private readonly byte[] _storedKey;
    private readonly byte[] _serverKey;

    /// <exception cref="ArgumentOutOfRangeException">Iterations, salt or a key are out of bounds.</exception>
    public ScramVerifier(int iterations, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> storedKey, ReadOnlySpan<byte> serverKey)
        : this(iterations, salt, storedKey, serverKey, isMock: false)
    {
    }

    private ScramVerifier(int iterations, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> storedKey, ReadOnlySpan<byte> serverKey, bool isMock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, MaxIterations);
        ArgumentOutOfRangeException.ThrowIfZero(salt.Length, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(salt.Length, MaxSaltLength, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfNotEqual(storedKey.Length, KeyLength, nameof(storedKey));
        ArgumentOutOfRangeException.ThrowIfNotEqual(serverKey.Length, KeyLength, nameof(serverKey));
        Iterations = iterations;
        IsMock = isMock;
        _salt = salt.ToArray();
        _storedKey = storedKey.ToArray();
        _serverKey = serverKey.ToArray();
    }

    public int Iterations { get; }

    public ReadOnlySpan<byte> Salt => _salt;

    public ReadOnlySpan<byte> StoredKey => _storedKey;

    public ReadOnlySpan<byte> ServerKey => _serverKey;

    /// <summary>Made by <see cref="CreateMock"/>: no proof is ever accepted against it.</summary>
    public bool IsMock { get; }

    /// <param name="password">As the client would type it; prepared by <see cref="SaslPrep"/> here.</param>
    /// <param name="salt">Random, <see cref="DefaultSaltLength"/> bytes.</param>
    /// <param name="iterations">1 to <see cref="MaxIterations"/>.</param>
    public static ScramVerifier Create(string password, ReadOnlySpan<byte> salt, int iterations = DefaultIterations)
    {
        using var keys = ScramKeys.Derive(password, salt, iterations);
        return new ScramVerifier(iterations, salt, keys.StoredKey, keys.ServerKey);
    }

    /// <summary>
    /// For a user who does not exist: a verifier that is always the same for the same name, so that neither the exchange nor a
    /// repetition tells it from a real one. Iterations should be those of the real verifiers.
    /// </summary>
    /// <param name="serverSecret">At least 16 random bytes, kept for as long as the server lives.</param>
    /// <param name="userName">As the client sent it.</param>
    /// <param name="iterations">Those of the real verifiers.</param>
    public static ScramVerifier CreateMock(ReadOnlySpan<byte> serverSecret, ReadOnlySpan<byte> userName, int iterations = DefaultIterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(serverSecret.Length, 16, nameof(serverSecret));
        Span<byte> seed = stackalloc byte[KeyLength];
        HMACSHA256.HashData(serverSecret, userName, seed);
        Span<byte> salt = stackalloc byte[KeyLength];
        Span<byte> storedKey = stackalloc byte[KeyLength];
        Span<byte> serverKey = stackalloc byte[KeyLength];
        HMACSHA256.HashData(seed, "salt"u8, salt);
        HMACSHA256.HashData(seed, "stored key"u8, storedKey);
        HMACSHA256.HashData(seed, "server key"u8, serverKey);
        return new ScramVerifier(iterations, salt[..DefaultSaltLength], storedKey, serverKey, isMock: true);
    }

    /// <summary>Reads PostgreSQL's text form; false for anything else, without saying what is wrong with it.</summary>
    public static bool TryParse(string? text, out ScramVerifier? verifier)
    {
        verifier = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var rest = text.AsSpan(Prefix.Length);
        var colon = rest.IndexOf(':');
        var dollar = rest.IndexOf('$');
        if (colon <= 0 || dollar <= colon)
            return false;
        var keys = rest[(dollar + 1)..];
        var separator = keys.IndexOf(':');
        if (separator <= 0
            || !int.TryParse(rest[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MaxIterations)
        {
            return false;
        }

        Span<byte> salt = stackalloc byte[MaxSaltLength];
        Span<byte> storedKey = stackalloc byte[KeyLength];
        Span<byte> serverKey = stackalloc byte[KeyLength];
        if (!TryDecode(rest[(colon + 1)..dollar], salt, out var saltLength) || saltLength == 0
            || !TryDecode(keys[..separator], storedKey, out var storedLength) || storedLength != KeyLength
            || !TryDecode(keys[(separator + 1)..], serverKey, out var serverLength) || serverLength != KeyLength)
        {
            return false;
        }

        verifier = new ScramVerifier(iterations, salt[..saltLength], storedKey, serverKey);
        return true;
    }

    /// <exception cref="FormatException">Not a verifier. The text is not quoted.</exception>
    public static ScramVerifier Parse(string text) =>
        TryParse(text, out var verifier) ? verifier! : throw new FormatException("This is not a SCRAM-SHA-256 verifier.");

    /// <summary>PostgreSQL's text form.</summary>
    public string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prefix}{Iterations}:{Convert.ToBase64String(_salt)}${Convert.ToBase64String(_storedKey)}:{Convert.ToBase64String(_serverKey)}");

    /// <summary>Without secrets.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"ScramVerifier {{ Iterations = {Iterations} }}");

    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int length)
    {
        // Base64 decoders skip white space; PostgreSQL's form has none.
        length = 0;
        return !text.ContainsAny(' ', '\t', '\n') && !text.Contains('\r')
            && Base64.IsValid(text) && Convert.TryFromBase64Chars(text, destination, out length);
    }
}
