using System.Security.Cryptography;
using System.Text;

namespace Weir.ControlPlane.Application.Changes;

/// <summary>SHA-256 in hexadecimal: says in an audit event that something changed without saying what it was.</summary>
internal static class Digest
{
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static string Of(IEnumerable<string> parts) => Of(string.Join('\n', parts));
}
