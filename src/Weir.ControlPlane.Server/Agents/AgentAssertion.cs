using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>
/// The token that an agent authenticates every call with (proto, AgentLink): a JWT signed with ES256 by its identity key. Nothing in it is
/// believed before the signature of the agent that it names was checked.
/// </summary>
internal static class AgentAssertion
{
    private const int MaxLength = 4096;
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>The agent that the token claims to come from; null when it is no such token.</summary>
    public static Guid? ClaimedAgent(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [_, var payload, _] || Decode(payload) is not { } bytes)
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(bytes);
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty("sub", out var subject)
                && subject.ValueKind == JsonValueKind.String
                && Guid.TryParse(subject.GetString(), out var id)
                    ? id
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>True when the token was signed by the key and is meant for the audience now.</summary>
    public static bool IsValid(string token, Guid agentId, ReadOnlySpan<byte> publicKey, string audience, DateTimeOffset now)
    {
        if (token.Split('.') is not [var header, var payload, var signature]
            || Decode(header) is not { } headerBytes
            || Decode(payload) is not { } payloadBytes
            || Decode(signature) is not { Length: 64 } signatureBytes)
        {
            return false;
        }

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        if (!key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            return false;
        }

        try
        {
            using var head = JsonDocument.Parse(headerBytes);
            using var claims = JsonDocument.Parse(payloadBytes);
            var issued = DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("iat").GetInt64());
            var expires = DateTimeOffset.FromUnixTimeSeconds(claims.RootElement.GetProperty("exp").GetInt64());
            return head.RootElement.GetProperty("alg").GetString() == "ES256"
                && claims.RootElement.GetProperty("iss").GetString() == agentId.ToString()
                && claims.RootElement.GetProperty("aud").GetString() == audience
                && expires - issued <= LongestLife
                && issued <= now + ClockSkew
                && expires > now - ClockSkew;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static byte[]? Decode(string text)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        return Base64Url.DecodeFromChars(text);
    }
}
