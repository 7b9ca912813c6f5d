using System.Text;
using Weir.Agent.Policies;
using Weir.Contracts.Agent.V1;
using Weir.Policy.Documents;

namespace Weir.Agent.Tests.Policies;

public sealed class SecretResolverTests
{
    private readonly StoredSecrets _stored = new();
    private readonly Dictionary<string, string> _environment = [];

    [Fact]
    public async Task A_rotated_value_is_used_at_the_next_login_wherever_it_comes_from()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "password");
        foreach (var value in new[] { "first", "second" })
        {
            _environment["ORDERS_DB_PASSWORD"] = value;
            await File.WriteAllTextAsync(file, value + "\n", TestContext.Current.CancellationToken);
            _stored.Replace([new("orders", new StoredSecret { Password = value, ReadOnlyPassword = "ro-" + value })]);
            (await ResolveAsync(SecretSource.Env, "ORDERS_DB_PASSWORD")).ShouldBe(value);
            (await ResolveAsync(SecretSource.File, file)).ShouldBe(value);
            (await ResolveAsync(SecretSource.Stored, "")).ShouldBe(value);
            (await ResolveAsync(SecretSource.Stored, "", UpstreamSecret.ReadOnlyPassword)).ShouldBe("ro-" + value);
        }
    }

    [Theory]
    [InlineData(SecretSource.Env, "NOT_SET")]
    [InlineData(SecretSource.File, "/nowhere/password")]
    [InlineData(SecretSource.File, "relative")]
    [InlineData(SecretSource.Stored, "")]
    [InlineData(SecretSource.Vault, "kv/orders")]
    [InlineData(SecretSource.AwsSecretsManager, "orders")]
    [InlineData(SecretSource.RdsIam, "")]
    public async Task What_is_not_there_or_not_supported_says_so(SecretSource source, string reference)
    {
        var unavailable = await Should.ThrowAsync<SecretUnavailableException>(() => ResolveAsync(source, reference));
        unavailable.Message.ShouldStartWith("Connection orders:");
    }

    [Fact]
    public async Task The_agents_own_settings_are_not_given_to_a_database()
    {
        _environment["WEIR_ENROLLMENT_TOKEN"] = "tok-secret";
        var refused = await Should.ThrowAsync<SecretUnavailableException>(() => ResolveAsync(SecretSource.Env, "WEIR_ENROLLMENT_TOKEN"));
        refused.Message.ShouldNotContain("tok-secret");
    }

    [Fact]
    public void A_secret_does_not_print_itself() => SecretValue.FromText("hush").ToString()!.ShouldNotContain("hush");

    private async Task<string> ResolveAsync(SecretSource source, string reference, UpstreamSecret use = UpstreamSecret.Password)
    {
        var resolver = new SecretResolver(_stored, name => _environment.GetValueOrDefault(name));
        using var value = await resolver.ResolveAsync("orders", new SecretReference(source, reference), use, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(value.Utf8);
    }
}
