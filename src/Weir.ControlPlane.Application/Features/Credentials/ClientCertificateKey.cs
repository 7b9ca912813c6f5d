using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.ControlPlane.Application.Features.Credentials;

/// <summary>What is kept of a client certificate: the key is what its holder proves in TLS; names, dates and issuer are nobody's word but the certificate's.</summary>
internal static class ClientCertificateKey
{
    /// <summary>Characters of a certificate with a few intermediate ones behind it, which do not count.</summary>
    public const int MaxPem = 32_000;

    /// <returns>SHA-256 of the SubjectPublicKeyInfo (DER); null when the text is no certificate, or its key is of a kind that TLS does not take.</returns>
    public static byte[]? TryHash(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            using var rsa = certificate.GetRSAPublicKey();
            using var ecdsa = rsa is null ? certificate.GetECDsaPublicKey() : null;
            return rsa is { KeySize: >= 2048 } || ecdsa is not null ? SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
