using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>The secret of a webhook, and signatures with it, as Standard Webhooks (https://www.standardwebhooks.com) has them.</summary>
internal static class WebhookSecret
{
    public const string Prefix = "whsec_";

    public const int Length = 32;

    public static byte[] Create() => RandomNumberGenerator.GetBytes(Length);

    public static string Text(byte[] secret) => Prefix + Convert.ToBase64String(secret);

    /// <summary><c>v1,</c> and the base64 of the HMAC-SHA-256 of <c>id.timestamp.body</c>.</summary>
    /// <param name="timestamp">Seconds since 1970.</param>
    public static string Sign(byte[] secret, string id, long timestamp, string body) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}"))));

    /// <summary>What a secret is encrypted under.</summary>
    public static string ContextOf(Guid webhook) => $"webhook-secret:{webhook}";

    /// <summary>What an address is encrypted under.</summary>
    public static string UrlContextOf(Guid webhook) => $"webhook-url:{webhook}";
}
