using System.Security.Cryptography;
using System.Text;

namespace Weir.ControlPlane.Application.Secrets;

/// <summary>SCRAM-SHA-256 verifiers (RFC 5803), as PostgreSQL writes them. Secrets are ASCII, which SASLprep leaves alone.</summary>
internal static class ScramVerifier
{
    /// <summary>PostgreSQL's default. The secret has 256 random bits: more would only cost time.</summary>
    public const int Iterations = 4096;

    public static string Create(string secret)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(secret), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}";
    }
}
