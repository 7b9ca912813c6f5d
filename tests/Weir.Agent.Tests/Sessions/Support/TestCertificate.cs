using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Agent.Net;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>An authority of its own and a certificate for 127.0.0.1 and localhost.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly X509Certificate2 _leaf;

    public TestCertificate()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var now = DateTimeOffset.UtcNow;
        using var authority = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        leaf.CertificateExtensions.Add(names.Build());
        using var signed = leaf.Create(authority, now.AddMinutes(-30), now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        _leaf = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
        CaFile = Path.Combine(_directory.Path, "ca.pem");
        File.WriteAllText(CaFile, authority.ExportCertificatePem());
        Listener = new ListenerCertificate(_leaf);
    }

    public string CaFile { get; }

    public ListenerCertificate Listener { get; }

    public void Dispose()
    {
        _leaf.Dispose();
        _directory.Dispose();
    }
}
