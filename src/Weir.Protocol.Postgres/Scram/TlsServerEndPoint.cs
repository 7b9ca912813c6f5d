using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// Channel binding data <c>tls-server-end-point</c> (RFC 5929 section 4.1): the hash of the server's certificate, with the hash
/// function of the certificate's own signature, but SHA-256 in place of MD5 and SHA-1.
/// </summary>
public static class TlsServerEndPoint
{
    // SHA-256, SHA-384, SHA-512 by object identifiers of signature algorithms (RFC 4055, 5758; NIST for SHA-3 has no use in TLS yet).
    private static readonly Dictionary<string, HashAlgorithmName> HashBySignature = new(StringComparer.Ordinal)
    {
        ["1.2.840.113549.1.1.4"] = HashAlgorithmName.SHA256, // md5WithRSAEncryption
        ["1.2.840.113549.1.1.5"] = HashAlgorithmName.SHA256, // sha1WithRSAEncryption
        ["1.2.840.10040.4.3"] = HashAlgorithmName.SHA256, // dsa-with-sha1
        ["1.2.840.10045.4.1"] = HashAlgorithmName.SHA256, // ecdsa-with-SHA1
        ["1.2.840.113549.1.1.11"] = HashAlgorithmName.SHA256, // sha256WithRSAEncryption
        ["1.2.840.113549.1.1.12"] = HashAlgorithmName.SHA384,
        ["1.2.840.113549.1.1.13"] = HashAlgorithmName.SHA512,
        ["1.2.840.10045.4.3.2"] = HashAlgorithmName.SHA256, // ecdsa-with-SHA256
        ["1.2.840.10045.4.3.3"] = HashAlgorithmName.SHA384,
        ["1.2.840.10045.4.3.4"] = HashAlgorithmName.SHA512,
        ["2.16.840.1.101.3.4.3.2"] = HashAlgorithmName.SHA256, // dsa-with-sha256
    };

    private const string RsaPss = "1.2.840.113549.1.1.10";

    /// <summary>
    /// Null when the signature algorithm names no single hash (Ed25519, for one): then RFC 5929 leaves the binding undefined and the
    /// server must not offer it.
    /// </summary>
    public static byte[]? TryCompute(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var signature = certificate.SignatureAlgorithm.Value;
        if (signature is null)
            return null;
        HashAlgorithmName? hash = signature == RsaPss
            ? CertificateSignature.RsaPssHash(certificate.RawDataMemory)
            : HashBySignature.TryGetValue(signature, out var known) ? known : null;
        var data = certificate.RawDataMemory.Span;
        if (hash == HashAlgorithmName.SHA256)
            return SHA256.HashData(data);
        if (hash == HashAlgorithmName.SHA384)
            return SHA384.HashData(data);
        return hash == HashAlgorithmName.SHA512 ? SHA512.HashData(data) : null;
    }
}
