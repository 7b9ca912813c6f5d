using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Protocol.Postgres.Scram;

namespace Weir.Protocol.Postgres.Tests.Scram;

public sealed class TlsServerEndPointTests
{
    // The framework no longer makes these two kinds itself.
    private const string Sha1Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfTCCASSgAwIBAgIUdQenbvC82G6cwn87VyuXpAdgT0IwCQYHKoZIzj0EATAU
        MRIwEAYDVQQDDAl3ZWlyLnRlc3QwIBcNMjYxMTI0MDkzMDM3WhgPMjEyNjEwMzEw
        OTMwMzdaMBQxEjAQBgNVBAMMCXdlaXIudGVzdDBZMBMGByqGSM49AgEGCCqGSM49
        AwEHA0IABDsPhgc+F+SoKvDBSTA9QtrERi2jWS2xqckv/FJVspVQP24QMPR6N7zW
        KtS9qMpUPobI4yThoj0xaTbXHPeNS1GjUzBRMB0GA1UdDgQWBBQ2xHO+ZepHuddN
        LqcxX+7WdrDrcjAfBgNVHSMEGDAWgBQ2xHO+ZepHuddNLqcxX+7WdrDrcjAPBgNV
        HRMBAf8EBTADAQH/MAkGByqGSM49BAEDSAAwRQIgKWwxixvUKp0Ae4fsailsbUHt
        DUSvStoB8b1jx9KypRYCIQCjFY4DOJw5uBCvEpnqxqLn8TLj+Cx+q2e0ei3n+aC1
        ig==
        -----END CERTIFICATE-----
        """;

    private const string Ed25519Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBPjCB8aADAgECAhQn26GBOaLIRkml8hsnLrdwkRGR5DAFBgMrZXAwFDESMBAG
        A1UEAwwJd2Vpci50ZXN0MCAXDTI2MTEyNDA5MzAzOFoYDzIxMjYxMDMxMDkzMDM4
        WjAUMRIwEAYDVQQDDAl3ZWlyLnRlc3QwKjAFBgMrZXADIQCd62U0eAeXnPLm+cgS
        9BWQD0Xbg89H7Vlv3YIG1a9M8qNTMFEwHQYDVR0OBBYEFJ9By4ePgrRfpPs7aAsZ
        75REyhX4MB8GA1UdIwQYMBaAFJ9By4ePgrRfpPs7aAsZ75REyhX4MA8GA1UdEwEB
        /wQFMAMBAf8wBQYDK2VwA0EAJxu0ZgJkvil+uHJ5bY3GbnFkQeMcCHC3WihKFIHc
        8rFl6IIjLYeuXVZv/YTzxtKNk2M/Nj7xcUhhKUT4IRvDBw==
        -----END CERTIFICATE-----
        """;

    private static readonly DateTimeOffset From = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("SHA256", 32)]
    [InlineData("SHA384", 48)]
    [InlineData("SHA512", 64)]
    public void The_hash_is_that_of_the_certificates_signature(string hash, int length)
    {
        using var rsa = RSA.Create(2048);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedName("CN=weir.test");
        var algorithm = new HashAlgorithmName(hash);
        CertificateRequest[] requests =
        [
            new(name, rsa, algorithm, RSASignaturePadding.Pkcs1),
            new(name, rsa, algorithm, RSASignaturePadding.Pss),
            new(name, ecdsa, algorithm),
        ];
        foreach (var request in requests)
        {
            using var certificate = request.CreateSelfSigned(From, From.AddYears(10));
            var binding = TlsServerEndPoint.TryCompute(certificate)!;
            binding.Length.ShouldBe(length);
            binding.ShouldBe(length switch
            {
                32 => SHA256.HashData(certificate.RawData),
                48 => SHA384.HashData(certificate.RawData),
                _ => SHA512.HashData(certificate.RawData),
            });
        }
    }

    [Fact]
    public void Sha1_is_replaced_by_sha256()
    {
        using var certificate = X509Certificate2.CreateFromPem(Sha1Certificate);
        TlsServerEndPoint.TryCompute(certificate).ShouldBe(SHA256.HashData(certificate.RawData));
    }

    [Fact]
    public void A_signature_without_a_hash_of_its_own_gives_no_binding()
    {
        using var certificate = X509Certificate2.CreateFromPem(Ed25519Certificate);
        TlsServerEndPoint.TryCompute(certificate).ShouldBeNull();
    }
}
