using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Weir.Agent.Configuration;
using Weir.Agent.Link;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Tests.Link;

public sealed class EnrollerTests
{
    [Fact]
    public async Task A_good_token_gives_an_identity_that_is_kept_and_whose_key_never_leaves()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var directory = new TemporaryDirectory();
        using var data = directory.OpenData();
        EnrollRequest? asked = null;
        var agentId = Guid.NewGuid();
        plane.Enroll = request =>
        {
            asked = request;
            return new EnrollResponse
            {
                AgentId = ContractMapping.ToBytes(agentId),
                OrganizationId = ContractMapping.ToBytes(Guid.NewGuid()),
                Audience = "weir-agents",
                ListenerCertificateChain = { ByteString.CopyFrom(Issue(request.ListenerCertificateRequest.ToByteArray())) },
            };
        };
        var options = Options(plane, directory);
        var certificates = new ListenerCertificateFiles(options, data, TimeProvider.System);
        using var channel = new ControlPlaneChannel(options, TimeProvider.System);
        var files = new IdentityFiles(data);
        await new Enroller(options, channel, files, certificates).EnrollAsync(new SecretText("tok-1"), TestContext.Current.CancellationToken);

        asked!.Token.ShouldBe("tok-1");
        asked.AgentName.ShouldBe("quick");
        var identity = files.Load().ShouldNotBeNull();
        identity.AgentId.ShouldBe(agentId);
        identity.Key.ExportSubjectPublicKeyInfo().ShouldBe(asked.IdentityPublicKey.ToByteArray());
        File.GetUnixFileMode(data.PathOf("identity.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(directory.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var (certificate, _) = certificates.Load();
        certificate.HasPrivateKey.ShouldBeTrue();
        certificate.MatchesHostname("agent.example.com").ShouldBeTrue();
        certificates.RenewAt().ShouldNotBeNull();
    }

    [Fact]
    public async Task A_token_that_is_not_taken_leaves_the_agent_without_an_identity_and_is_not_told()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        using var directory = new TemporaryDirectory();
        using var data = directory.OpenData();
        plane.Enroll = _ => throw new RpcException(new Status(StatusCode.Unauthenticated, "unknown"));
        var options = Options(plane, directory);
        using var channel = new ControlPlaneChannel(options, TimeProvider.System);
        var files = new IdentityFiles(data);
        var enroller = new Enroller(options, channel, files, new ListenerCertificateFiles(options, data, TimeProvider.System));
        var refused = await Should.ThrowAsync<EnrollmentRefusedException>(() => enroller.EnrollAsync(new SecretText("stolen-token"), TestContext.Current.CancellationToken));
        refused.Message.ShouldNotContain("stolen-token");
        files.Load().ShouldBeNull();
    }

    [Fact]
    public void An_assertion_is_signed_bound_to_its_audience_and_lives_for_minutes()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var identity = new AgentIdentity(Guid.NewGuid(), Guid.NewGuid(), "weir \"agents\"", key);
        var now = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
        var parts = identity.CreateAssertion(now).Split('.');
        parts.Length.ShouldBe(3);
        key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation).ShouldBeTrue();
        using var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]));
        claims.RootElement.GetProperty("iss").GetString().ShouldBe(identity.AgentId.ToString());
        claims.RootElement.GetProperty("sub").GetString().ShouldBe(identity.AgentId.ToString());
        claims.RootElement.GetProperty("aud").GetString().ShouldBe("weir \"agents\"");
        claims.RootElement.GetProperty("iat").GetInt64().ShouldBe(now.ToUnixTimeSeconds());
        (claims.RootElement.GetProperty("exp").GetInt64() - now.ToUnixTimeSeconds()).ShouldBeInRange(1, 300);
        claims.RootElement.GetProperty("jti").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Derived_secrets_differ_by_purpose_and_agent_and_stay_the_same()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var identity = new AgentIdentity(Guid.NewGuid(), Guid.NewGuid(), "a", key);
        identity.DeriveSecret("state").ShouldBe(identity.DeriveSecret("state"));
        identity.DeriveSecret("state").ShouldNotBe(identity.DeriveSecret("other"));
        identity.DeriveSecret("state").ShouldNotBe((identity with { AgentId = Guid.NewGuid() }).DeriveSecret("state"));
    }

    [Fact]
    public void A_second_agent_does_not_start_on_the_same_directory()
    {
        using var directory = new TemporaryDirectory();
        using var first = directory.OpenData();
        Should.Throw<IOException>(directory.OpenData).Message.ShouldContain("another agent");
    }

    [Fact]
    public void Without_any_certificate_a_self_signed_one_is_shown()
    {
        using var directory = new TemporaryDirectory();
        using var data = directory.OpenData();
        var options = AgentOptionsReader.Read(new Dictionary<string, string> { ["WEIR_CONTROL_PLANE_URL"] = "http://127.0.0.1:1", ["WEIR_AGENT_DATA_DIR"] = directory.Path });
        var (certificate, chain) = new ListenerCertificateFiles(options, data, TimeProvider.System).Load();
        certificate.HasPrivateKey.ShouldBeTrue();
        certificate.MatchesHostname("localhost").ShouldBeTrue();
        chain.Count.ShouldBe(0);
    }

    private static AgentOptions Options(FakeControlPlane plane, TemporaryDirectory directory) => AgentOptionsReader.Read(new Dictionary<string, string>
    {
        ["WEIR_CONTROL_PLANE_URL"] = plane.Url.ToString(),
        ["WEIR_AGENT_DATA_DIR"] = directory.Path,
        ["WEIR_AGENT_NAME"] = "quick",
        ["WEIR_AGENT_ADVERTISE"] = "agent.example.com:6433",
    });

    // What an authority does with a request, as short as it can be.
    private static byte[] Issue(byte[] request)
    {
        var parsed = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var root = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        return parsed.Create(root, now.AddHours(-1), now.AddDays(1), [1, 2, 3]).RawData;
    }
}
