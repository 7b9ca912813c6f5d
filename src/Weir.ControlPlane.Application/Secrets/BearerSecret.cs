using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Weir.ControlPlane.Application.Secrets;

/// <summary>A secret that is shown once: a prefix that tells what it is, and 256 random bits.</summary>
/// <param name="Text">The secret itself.</param>
/// <param name="Hash">SHA-256 of it: all that is kept.</param>
internal sealed record BearerSecret(string Text, byte[] Hash)
{
    public const string ApiTokenPrefix = "weir_";
    public const string EnrollmentPrefix = "weirenroll_";

    /// <summary>Longer texts are no secrets of ours and are not even hashed.</summary>
    public const int MaxLength = 100;

    /// <summary>What its owner may be shown to recognise it by.</summary>
    public string ShownPrefix => Text[..Math.Min(12, Text.Length)];

    public static BearerSecret Create(string prefix)
    {
        var text = prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return new(text, HashOf(text));
    }

    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    public override string ToString() => ShownPrefix + "…";
}
