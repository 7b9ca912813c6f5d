namespace Weir.ControlPlane.Application.Secrets;

/// <summary>Encrypts the keys of sign-in cookies, which lie in the database, with the master key, which does not.</summary>
public sealed class CookieKeyProtector
{
    private const string Context = "cookie-keys";

    private readonly MasterKey _masterKey;

    internal CookieKeyProtector(MasterKey masterKey) => _masterKey = masterKey;

    public byte[] Seal(ReadOnlySpan<byte> plaintext) => _masterKey.Seal(plaintext, Context);

    /// <exception cref="System.Security.Cryptography.CryptographicException">It was sealed with another master key, or changed.</exception>
    public byte[] Open(ReadOnlySpan<byte> value) => _masterKey.Open(value, Context);
}
