using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.ControlPlane.Server.Certificates;

/// <summary>
/// The certificate authority of Weir's listeners (relay, gRPC, agents). Its key lies in the data directory, readable by its owner only;
/// <c>ca.crt</c> beside it is what clients trust with <c>sslmode=verify-full</c>.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(90);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly X509Certificate2 _authority;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 authority, TimeProvider time)
    {
        _authority = authority;
        _time = time;
    }

    /// <summary>The authority's certificate, without its key.</summary>
    public byte[] Certificate => _authority.RawData;

    /// <summary>Loads the authority, or makes one on the first start.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public static CertificateAuthority Open(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var keyFile = Path.Combine(folder, "ca.key");
        var certificateFile = Path.Combine(folder, "ca.crt");
        if (!File.Exists(keyFile))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=Weir listener authority", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
            using var made = request.CreateSelfSigned(time.GetUtcNow() - ClockSkew, time.GetUtcNow() + AuthorityLifetime);
            File.WriteAllText(certificateFile, made.ExportCertificatePem() + "\n");
            PrivateFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        }

        return new CertificateAuthority(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), time);
    }

    /// <summary>A certificate for one of this process's own listeners.</summary>
    public X509Certificate2 IssueFor(IReadOnlyCollection<string> hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts.First()}", key, HashAlgorithmName.SHA256);
        using var leaf = Issue(request, hosts);
        using var withKey = leaf.CopyWithPrivateKey(key);

        // Loaded anew because a key that exists in memory only can't be used by every TLS stack.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A certificate for an agent's listener. Of the request only the public key and the host names count.</summary>
    /// <exception cref="CryptographicException">Not a valid, self-signed PKCS #10 request.</exception>
    public byte[] IssueForAgent(ReadOnlySpan<byte> request, string agentName)
    {
        var parsed = CertificateRequest.LoadSigningRequest(request.ToArray(), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var hosts = new List<string> { agentName, "localhost" };
        foreach (var extension in parsed.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            hosts.AddRange(extension.EnumerateDnsNames());
            hosts.AddRange(extension.EnumerateIPAddresses().Select(a => a.ToString()));
        }

        var clean = new CertificateRequest(new X500DistinguishedName($"CN={agentName}"), parsed.PublicKey, HashAlgorithmName.SHA256);
        using var leaf = Issue(clean, [.. hosts.Append("127.0.0.1").Append("::1").Distinct().Take(32)]);
        return leaf.RawData;
    }

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 Issue(CertificateRequest request, IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuthentication], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        return request.Create(_authority, _time.GetUtcNow() - ClockSkew, _time.GetUtcNow() + LeafLifetime, serial);
    }
}
