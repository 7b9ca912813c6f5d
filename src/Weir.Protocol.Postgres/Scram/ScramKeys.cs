using System.Security.Cryptography;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// The keys derived from a password, a salt and an iteration count (RFC 5802 section 3). The derivation is what costs in SCRAM, so a
/// client that connects often keeps them and gives them to the next <see cref="ScramClient"/>. As good as the password: dispose clears them.
/// </summary>
public sealed class ScramKeys : IDisposable
{
    private readonly byte[] _salt;
    private readonly byte[] _clientKey = new byte[ScramVerifier.KeyLength];
    private readonly byte[] _storedKey = new byte[ScramVerifier.KeyLength];
    private readonly byte[] _serverKey = new byte[ScramVerifier.KeyLength];

    private ScramKeys(ReadOnlySpan<byte> salt, int iterations)
    {
        _salt = salt.ToArray();
        Iterations = iterations;
    }

    public int Iterations { get; }

    public ReadOnlySpan<byte> Salt => _salt;

    public ReadOnlySpan<byte> ClientKey => _clientKey;

    public ReadOnlySpan<byte> StoredKey => _storedKey;

    public ReadOnlySpan<byte> ServerKey => _serverKey;

    /// <param name="password">Prepared by <see cref="SaslPrep"/> here.</param>
    /// <param name="salt">1 to <see cref="ScramVerifier.MaxSaltLength"/> bytes.</param>
    /// <param name="iterations">1 to <see cref="ScramVerifier.MaxIterations"/>; 4096 take about a millisecond.</param>
    public static ScramKeys Derive(string password, ReadOnlySpan<byte> salt, int iterations)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, ScramVerifier.MaxIterations);
        var prepared = SaslPrep.Prepare(password);
        Span<byte> salted = stackalloc byte[ScramVerifier.KeyLength];
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(prepared, salt, salted, iterations, HashAlgorithmName.SHA256);
            var keys = new ScramKeys(salt, iterations);
            HMACSHA256.HashData(salted, "Client Key"u8, keys._clientKey);
            SHA256.HashData(keys._clientKey, keys._storedKey);
            HMACSHA256.HashData(salted, "Server Key"u8, keys._serverKey);
            return keys;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(salted);
            CryptographicOperations.ZeroMemory(prepared);
        }
    }

    /// <summary>Whether these keys serve for what a server asks.</summary>
    public bool Fit(ReadOnlySpan<byte> salt, int iterations) => iterations == Iterations && salt.SequenceEqual(_salt);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_clientKey);
        CryptographicOperations.ZeroMemory(_storedKey);
        CryptographicOperations.ZeroMemory(_serverKey);
    }
}
