using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Policies;
using Weir.Agent.Tests.Link;
using Weir.Contracts.Mapping;
using Weir.Policy.Access;

namespace Weir.Agent.Tests.Policies;

public sealed class SnapshotStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Weir.Agent.Configuration.DataDirectory _data;
    private readonly ManualTime _time = new();
    private readonly Guid _organization = Guid.NewGuid();

    public SnapshotStoreTests() => _data = _directory.OpenData();

    [Fact]
    public void A_restarted_agent_works_with_the_last_good_snapshot_and_its_secrets()
    {
        var (store, _, _) = Open();
        store.Apply(Snapshots.Make(_organization, 3, Snapshots.Connection("orders"))).ShouldBeNull();
        store.Apply(Snapshots.Make(_organization, 4, Snapshots.Broken("bad"))).ShouldNotBeNull();

        var (restarted, policies, secrets) = Open();
        restarted.Load();
        policies.Current!.Version.ShouldBe(3);
        policies.IsUsable(PrincipalKind.User).ShouldBeTrue();
        secrets.Find("orders", UpstreamSecret.Password).ShouldBe("stored-password");
        secrets.Find("orders", UpstreamSecret.ReadOnlyPassword).ShouldBeNull();
        secrets.Find("other", UpstreamSecret.Password).ShouldBeNull();
    }

    [Fact]
    public void Neither_file_nor_text_shows_a_stored_password()
    {
        var (store, _, secrets) = Open();
        store.Apply(Snapshots.Make(_organization, 3, Snapshots.Connection("orders")));
        foreach (var file in Directory.GetFiles(_directory.Path).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)))
            File.ReadAllText(file).ShouldNotContain("stored-password");
        secrets.ToString()!.ShouldNotContain("stored-password");
    }

    [Fact]
    public void A_snapshot_grows_too_old_for_people_first_and_for_service_accounts_later()
    {
        var (store, policies, _) = Open();
        store.Apply(Snapshots.Make(_organization, 3));
        _time.Advance(TimeSpan.FromMinutes(59));
        store.Heard();
        _time.Advance(TimeSpan.FromMinutes(60));
        policies.IsUsable(PrincipalKind.User).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        policies.IsUsable(PrincipalKind.User).ShouldBeFalse();
        policies.IsUsable(PrincipalKind.AiAgent).ShouldBeFalse();
        policies.IsUsable(PrincipalKind.ServiceAccount).ShouldBeTrue();
        _time.Advance(TimeSpan.FromHours(23));
        policies.IsUsable(PrincipalKind.ServiceAccount).ShouldBeFalse();
    }

    [Fact]
    public void A_restart_does_not_make_a_snapshot_young_again()
    {
        var (store, _, _) = Open();
        store.Apply(Snapshots.Make(_organization, 3));
        _time.Advance(TimeSpan.FromMinutes(61));
        var (restarted, policies, _) = Open();
        restarted.Load();
        policies.Current.ShouldNotBeNull();
        policies.IsUsable(PrincipalKind.User).ShouldBeFalse();
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_make_a_snapshot_young_again()
    {
        var (store, policies, _) = Open();
        store.Apply(Snapshots.Make(_organization, 3));
        var then = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(61));
        _time.SetClock(then);
        policies.IsUsable(PrincipalKind.User).ShouldBeFalse();
    }

    [Fact]
    public void A_damaged_snapshot_file_leaves_the_agent_without_a_policy()
    {
        var (store, _, _) = Open();
        store.Apply(Snapshots.Make(_organization, 3));
        File.WriteAllText(_data.PathOf("snapshot"), "garbage");
        var (restarted, policies, _) = Open();
        restarted.Load();
        policies.Current.ShouldBeNull();
        policies.IsUsable(PrincipalKind.ServiceAccount).ShouldBeFalse();
    }

    [Fact]
    public void Without_a_time_last_heard_a_snapshot_is_too_old()
    {
        var (store, _, _) = Open();
        store.Apply(Snapshots.Make(_organization, 3));
        File.Delete(_data.PathOf("heard"));
        var (restarted, policies, _) = Open();
        restarted.Load();
        policies.IsUsable(PrincipalKind.ServiceAccount).ShouldBeFalse();
    }

    [Fact]
    public void The_digest_depends_on_documents_and_settings_but_not_on_their_order_or_on_secrets()
    {
        var one = Snapshots.Make(_organization, 3, Snapshots.Connection("a"), Snapshots.Connection("b"));
        var other = Snapshots.Make(_organization, 4, Snapshots.Connection("b"), Snapshots.Connection("a"));
        other.StoredSecrets.Clear();
        SnapshotDigest.Compute(one).ShouldBe(SnapshotDigest.Compute(other));
        other.Documents[0].Labels["env"] = "prod";
        SnapshotDigest.Compute(one).ShouldNotBe(SnapshotDigest.Compute(other));
        one.Settings.RecordedRows++;
        SnapshotDigest.Matches(one).ShouldBeFalse();
    }

    public void Dispose()
    {
        _data.Dispose();
        _directory.Dispose();
    }

    private (SnapshotStore Store, PolicyHolder Policies, StoredSecrets Secrets) Open()
    {
        var policies = new PolicyHolder(_time);
        var secrets = new StoredSecrets();
        return (new SnapshotStore(new SealedFile(_data, "snapshot", new byte[32]), new SealedFile(_data, "heard", new byte[32]), policies, secrets, _organization, NullLogger.Instance), policies, secrets);
    }
}
