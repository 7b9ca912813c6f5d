using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// The answer to AuthenticationMD5Password: <c>md5</c> and the hex of md5(hex(md5(password + user)) + salt). Only for old upstream
/// servers: weak, and Weir never asks a client for it.
/// </summary>
public static class Md5Password
{
    /// <param name="user">As in the startup packet.</param>
    /// <param name="password">The bytes as stored; no SASLprep.</param>
    /// <param name="salt">Four bytes.</param>
    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "The protocol's own method, for servers that ask for it.")]
    public static byte[] Compute(string user, string password, ReadOnlySpan<byte> salt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, 4, nameof(salt));
        var inner = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + user)));
        var outer = Convert.ToHexStringLower(MD5.HashData([.. Encoding.ASCII.GetBytes(inner), .. salt]));
        return Encoding.ASCII.GetBytes("md5" + outer);
    }
}
