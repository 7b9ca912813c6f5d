using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Agent.Link;

/// <summary>Who this agent is, and the key that proves it.</summary>
/// <param name="Audience">What its assertions are for; given at enrollment.</param>
internal sealed record AgentIdentity(Guid AgentId, Guid OrganizationId, string Audience, ECDsa Key)
{
    private static readonly TimeSpan AssertionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A JSON Web Token (RFC 7519) signed with ES256 (RFC 7518, 3.4), valid for two minutes, for the <c>authorization</c> of one call.
    /// </summary>
    public string CreateAssertion(DateTimeOffset now)
    {
        var issued = now.ToUnixTimeSeconds();
        var expires = issued + (long)AssertionLifetime.TotalSeconds;
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"iss":"{{AgentId}}","sub":"{{AgentId}}","aud":{{Quote(Audience)}},"iat":{{issued}},"exp":{{expires}},"jti":"{{Guid.NewGuid():N}}"}""");
        var signed = Base64Url.EncodeToString("""{"alg":"ES256","typ":"JWT"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
        var signature = Key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return signed + "." + Base64Url.EncodeToString(signature);
    }

    /// <summary>32 bytes that only this agent can compute and that are always the same for the same purpose (HKDF, RFC 5869, from the private key).</summary>
    public byte[] DeriveSecret(string purpose)
    {
        var parameters = Key.ExportParameters(includePrivateParameters: true);
        try
        {
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, parameters.D!, 32, salt: AgentId.ToByteArray(bigEndian: true), info: Encoding.UTF8.GetBytes("weir agent " + purpose));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private static string Quote(string text) => "\"" + System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(text) + "\"";
}
