using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.ControlPlane.Application.Secrets;

/// <summary>PBKDF2 with SHA-512: <c>pbkdf2-sha512$iterations$salt$key</c>.</summary>
internal static class PasswordHash
{
    private const string Scheme = "pbkdf2-sha512";
    private const int Iterations = 210_000;
    private const int KeyLength = 32;

    /// <summary>Compared with when there is no such login, so that the answer takes as long.</summary>
    public static string OfNobody { get; } = Create(Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));

    public static string Create(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var key = Derive(password, salt, Iterations);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(key)}");
    }

    public static bool Verify(string hash, string password)
    {
        var parts = hash.Split('$');
        if (parts.Length != 4 || parts[0] != Scheme || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations))
        {
            throw new InvalidOperationException("The database holds a password hash of an unknown kind.");
        }

        var expected = Convert.FromBase64String(parts[3]);
        return CryptographicOperations.FixedTimeEquals(expected, Derive(password, Convert.FromBase64String(parts[2]), iterations));
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, KeyLength);
}
