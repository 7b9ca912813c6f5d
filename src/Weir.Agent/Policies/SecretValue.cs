using System.Security.Cryptography;
using System.Text;

namespace Weir.Agent.Policies;

/// <summary>A password on its way to the upstream login. Dispose wipes it; its text form is redacted.</summary>
internal sealed class SecretValue(byte[] utf8) : IDisposable
{
    public ReadOnlySpan<byte> Utf8 => utf8;

    public static SecretValue FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    public override string ToString() => "[redacted]";

    public void Dispose() => CryptographicOperations.ZeroMemory(utf8);
}
