using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Weir.ControlPlane.Server.Agents;

namespace Weir.ControlPlane.Server.Tests.Agents;

public sealed class AgentAssertionTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Guid _agent = Guid.NewGuid();

    [Fact]
    public void A_fresh_assertion_of_the_agents_own_key_is_valid()
    {
        var token = Token();

        AgentAssertion.ClaimedAgent(token).ShouldBe(_agent);
        IsValid(token).ShouldBeTrue();
    }

    [Fact]
    public void Another_key_audience_issuer_algorithm_or_time_is_not()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        IsValid(Token(), key: other.ExportSubjectPublicKeyInfo()).ShouldBeFalse();
        IsValid(Token(audience: "another")).ShouldBeFalse();
        IsValid(Token(issuer: Guid.NewGuid())).ShouldBeFalse();
        IsValid(Token(algorithm: "none")).ShouldBeFalse();
        IsValid(Token(issuedAt: Now.AddHours(-1), lifetime: 300)).ShouldBeFalse();
        IsValid(Token(issuedAt: Now.AddMinutes(10), lifetime: 300)).ShouldBeFalse();
        IsValid(Token(lifetime: 3600)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.e30")]
    [InlineData("e30.W10.e30")]
    public void Nonsense_is_no_assertion(string token)
    {
        AgentAssertion.ClaimedAgent(token).ShouldBeNull();
        IsValid(token).ShouldBeFalse();
    }

    public void Dispose() => _key.Dispose();

    private bool IsValid(string token, byte[]? key = null) => AgentAssertion.IsValid(token, _agent, key ?? _key.ExportSubjectPublicKeyInfo(), "weir", Now);

    private string Token(string audience = "weir", Guid? issuer = null, string algorithm = "ES256", DateTimeOffset? issuedAt = null, int lifetime = 120)
    {
        var issued = (issuedAt ?? Now).ToUnixTimeSeconds();
        var header = Encode(new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" });
        var payload = Encode(new JsonObject
        {
            ["iss"] = (issuer ?? _agent).ToString(),
            ["sub"] = _agent.ToString(),
            ["aud"] = audience,
            ["iat"] = issued,
            ["exp"] = issued + lifetime,
            ["jti"] = "1",
        });
        var signature = _key.SignData(Encoding.ASCII.GetBytes($"{header}.{payload}"), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{header}.{payload}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
