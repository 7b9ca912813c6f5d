using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>An authority and certificates of clients that it signs, as PEM.</summary>
internal sealed class ClientCertificates : IDisposable
{
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public ClientCertificates()
    {
        var request = new CertificateRequest("CN=Authority of clients", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public string AuthorityPem => _authority.ExportCertificatePem();

    /// <param name="isElliptic">Else RSA of 2,048 bits.</param>
    /// <param name="isOver">Its dates lie in the past.</param>
    public (string Certificate, string Key) Sign(string commonName, bool isElliptic = true, bool isOver = false)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var subject = new X500DistinguishedName("CN=" + commonName);
        var request = isElliptic ? new CertificateRequest(subject, ecdsa, HashAlgorithmName.SHA256) : new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = DateTimeOffset.UtcNow;
        using var signed = request.Create(
            _authority.SubjectName, X509SignatureGenerator.CreateForECDsa(_authorityKey), now.AddMinutes(-30), isOver ? now.AddMinutes(-20) : now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return (signed.ExportCertificatePem(), isElliptic ? ecdsa.ExportPkcs8PrivateKeyPem() : rsa.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>What somebody has who knows the certificate, which is public, but not its key: the public half is right, so that clients take it, and the private one is another's.</summary>
    public static string ForgeKeyOf(string certificate)
    {
        using var read = X509Certificate2.CreateFromPem(certificate);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteInteger(1);
            key.WriteOctetString(other.ExportParameters(includePrivateParameters: true).D!);
            using (key.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                key.WriteObjectIdentifier("1.2.840.10045.3.1.7");
            using (key.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
                key.WriteBitString(read.PublicKey.EncodedKeyValue.RawData);
        }

        return new string(PemEncoding.Write("EC PRIVATE KEY", key.Encode()));
    }

    public static byte[] KeyHashOf(string certificate)
    {
        using var read = X509Certificate2.CreateFromPem(certificate);
        return SHA256.HashData(read.PublicKey.ExportSubjectPublicKeyInfo());
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
    }
}
