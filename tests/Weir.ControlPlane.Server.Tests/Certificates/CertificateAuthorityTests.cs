using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.ControlPlane.Server.Certificates;

namespace Weir.ControlPlane.Server.Tests.Certificates;

public sealed class CertificateAuthorityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-ca-").FullName;

    [Fact]
    public void The_authority_is_made_once_and_its_key_is_private()
    {
        byte[] first;
        using (var made = CertificateAuthority.Open(_folder, TimeProvider.System))
        {
            first = made.Certificate;
        }

        using var again = CertificateAuthority.Open(_folder, TimeProvider.System);
        again.Certificate.ShouldBe(first);
        File.GetUnixFileMode(Path.Combine(_folder, "ca.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.ReadAllText(Path.Combine(_folder, "ca.crt")).ShouldNotContain("PRIVATE");
    }

    [Fact]
    public void A_listener_certificate_is_valid_for_its_hosts_only()
    {
        using var authority = CertificateAuthority.Open(_folder, TimeProvider.System);
        using var leaf = authority.IssueFor(["localhost", "127.0.0.1"]);

        Verify(authority, leaf).ShouldBeTrue();
        leaf.MatchesHostname("localhost").ShouldBeTrue();
        leaf.MatchesHostname("127.0.0.1").ShouldBeTrue();
        leaf.MatchesHostname("example.org").ShouldBeFalse();
        leaf.HasPrivateKey.ShouldBeTrue();
    }

    [Fact]
    public void Of_an_agents_request_only_key_and_host_names_count()
    {
        using var authority = CertificateAuthority.Open(_folder, TimeProvider.System);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=anything, O=evil", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("db.internal");
        request.CertificateExtensions.Add(names.Build());
        using var leaf = X509CertificateLoader.LoadCertificate(authority.IssueForAgent(request.CreateSigningRequest(), "vpc-1"));

        Verify(authority, leaf).ShouldBeTrue();
        leaf.Subject.ShouldBe("CN=vpc-1");
        leaf.MatchesHostname("db.internal").ShouldBeTrue();
        leaf.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeFalse();
        leaf.PublicKey.ExportSubjectPublicKeyInfo().ShouldBe(key.ExportSubjectPublicKeyInfo());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool Verify(CertificateAuthority authority, X509Certificate2 leaf)
    {
        using var root = X509CertificateLoader.LoadCertificate(authority.Certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(leaf);
    }
}
