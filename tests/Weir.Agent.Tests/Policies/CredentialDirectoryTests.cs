using Weir.Agent.Policies;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Tests.Policies;

public sealed class CredentialDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Weir.Agent.Configuration.DataDirectory _data;
    private readonly Guid _principal = Guid.NewGuid();

    public CredentialDirectoryTests() => _data = _directory.OpenData();

    [Fact]
    public void Grants_are_found_by_principal_and_go_with_their_removal()
    {
        var directory = Open();
        var first = Grant("read");
        var second = Grant("write");
        directory.Apply(new CredentialsDelta { Sequence = 1, IsFull = true, Grants = { first, second } }).ShouldBeTrue();
        directory.GrantsOf(_principal).Length.ShouldBe(2);
        directory.Apply(new CredentialsDelta { Sequence = 2, RemovedGrantIds = { first.Id } }).ShouldBeTrue();
        directory.GrantsOf(_principal).ToArray().ShouldHaveSingleItem().Access.ShouldBe(Weir.Policy.Access.AccessLevel.Write);
        directory.Apply(new CredentialsDelta { Sequence = 3, RemovedGrantIds = { second.Id } }).ShouldBeTrue();
        directory.GrantsOf(_principal).Length.ShouldBe(0);
    }

    [Fact]
    public void A_full_delta_replaces_everything_even_with_an_older_sequence()
    {
        var directory = Open();
        directory.Apply(new CredentialsDelta { Sequence = 9, IsFull = true, Credentials = { Credential("a") } }).ShouldBeTrue();
        directory.Apply(new CredentialsDelta { Sequence = 4, IsFull = true, Credentials = { Credential("b") } }).ShouldBeTrue();
        directory.TryFind("a", out _).ShouldBeFalse();
        directory.Sequence.ShouldBe(4);
    }

    [Fact]
    public void A_repeated_delta_changes_nothing_and_a_gap_is_refused()
    {
        var directory = Open();
        var changes = 0;
        directory.Changed += () => changes++;
        directory.Apply(new CredentialsDelta { Sequence = 1, IsFull = true }).ShouldBeTrue();
        directory.Apply(new CredentialsDelta { Sequence = 1, Credentials = { Credential("a") } }).ShouldBeTrue();
        directory.Apply(new CredentialsDelta { Sequence = 3, Credentials = { Credential("a") } }).ShouldBeFalse();
        directory.Count.ShouldBe(0);
        changes.ShouldBe(1);
    }

    [Fact]
    public void Nothing_of_a_delta_that_means_nothing_is_in_force()
    {
        var directory = Open();
        directory.Apply(new CredentialsDelta { Sequence = 1, IsFull = true, Credentials = { Credential("a") } });
        var bad = Credential("b");
        bad.Principal.Kind = PrincipalKind.Unspecified;
        Should.Throw<ContractViolationException>(() => directory.Apply(new CredentialsDelta { Sequence = 2, RemovedCredentialIds = { "a" }, Credentials = { bad } }));
        directory.TryFind("a", out _).ShouldBeTrue();
        directory.Sequence.ShouldBe(1);
    }

    [Fact]
    public void A_restarted_agent_has_the_same_credentials_and_the_file_shows_none_of_them()
    {
        var expires = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var credential = Credential("alpha");
        credential.ExpiresAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(expires);
        credential.Connection = "orders";
        Open().Apply(new CredentialsDelta { Sequence = 7, IsFull = true, Credentials = { credential }, Grants = { Grant("admin") } });
        var restarted = Open();
        restarted.Load();
        restarted.Sequence.ShouldBe(7);
        restarted.TryFind("alpha", out var found).ShouldBeTrue();
        found!.ExpiresAt.ShouldBe(expires);
        found.Connection.ShouldBe("orders");
        found.Principal.Groups.ShouldBe(["engineers"]);
        restarted.GrantsOf(_principal).Length.ShouldBe(1);
        File.ReadAllText(_data.PathOf("credentials")).ShouldNotContain("alpha");
        File.GetUnixFileMode(_data.PathOf("credentials")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_changed_file_is_not_believed()
    {
        Open().Apply(new CredentialsDelta { Sequence = 7, IsFull = true, Credentials = { Credential("alpha") } });
        var path = _data.PathOf("credentials");
        var content = File.ReadAllBytes(path);
        content[^1] ^= 1;
        File.WriteAllBytes(path, content);
        var restarted = Open();
        Should.Throw<InvalidDataException>(restarted.Load);
        restarted.Count.ShouldBe(0);
    }

    public void Dispose()
    {
        _data.Dispose();
        _directory.Dispose();
    }

    private CredentialDirectory Open() => new(new SealedFile(_data, "credentials", new byte[32]), new byte[32]);

    private Grant Grant(string access) => new()
    {
        Id = ContractMapping.ToBytes(Guid.NewGuid()),
        PrincipalId = ContractMapping.ToBytes(_principal),
        Connection = "orders",
        Access = access,
    };

    private Credential Credential(string id) => new()
    {
        Id = id,
        Principal = new PrincipalInfo { Id = ContractMapping.ToBytes(_principal), Name = "ada@example.com", Kind = PrincipalKind.User, Groups = { "engineers" } },
        ScramVerifier = "SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5",
    };
}
