using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.ControlPlane.Server.Certificates;

/// <summary>The certificate that clients of this process's listeners see.</summary>
internal sealed class ListenerCertificate
{
    public ListenerCertificate(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        EndpointHash = HashOf(certificate);
    }

    public X509Certificate2 Certificate { get; }

    public SslStreamCertificateContext Context { get; }

    /// <summary>Channel binding <c>tls-server-end-point</c> (RFC 5929, section 4.1).</summary>
    public byte[] EndpointHash { get; }

    /// <summary>The hash of the certificate's own signature algorithm, or SHA-256 where that is MD5 or SHA-1.</summary>
    private static byte[] HashOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
        _ => SHA256.HashData(certificate.RawData),
    };
}
