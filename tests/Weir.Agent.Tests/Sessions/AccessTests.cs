using System.Diagnostics;
using Weir.Agent.Sessions;
using Weir.Agent.Sessions.Startup;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Sessions;

public sealed class AccessTests(SampleServer server) : IAsyncLifetime
{
    private SessionHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_wrong_secret_and_an_unknown_credential_cannot_be_told_apart()
    {
        var wrong = await FailAsync(SessionHost.Credential, "wrong");
        var unknown = await FailAsync("cred_nobody", SessionHost.Secret);
        wrong.Severity.ShouldBe("FATAL");
        wrong.SqlState.ShouldBe("28P01");
        wrong.Message.ShouldBe("password authentication failed for user \"cred_ada\"");
        (unknown with { Message = unknown.Message.Replace("cred_nobody", "cred_ada", StringComparison.Ordinal) }).ShouldBe(wrong);
        // What a repeated mock exchange shows stays the same, as a real salt does.
        (await SaltAsync("cred_nobody")).ShouldBe(await SaltAsync("cred_nobody"));
        (await SaltAsync("cred_nobody")).Length.ShouldBe((await SaltAsync(SessionHost.Credential)).Length);
        (await SaltAsync("cred_other")).ShouldNotBe(await SaltAsync("cred_nobody"));
    }

    [Fact]
    public async Task An_expired_credential_is_28000_and_only_for_who_has_its_secret()
    {
        _host.Give(_host.CredentialOf("cred_old", "secret", DateTimeOffset.UtcNow.AddMinutes(-1)));
        (await FailAsync("cred_old", "secret")).SqlState.ShouldBe("28000");
        (await FailAsync("cred_old", "wrong")).SqlState.ShouldBe("28P01");
    }

    [Fact]
    public async Task A_credential_without_an_access_rule_is_28000()
    {
        _host.Use(new TestPolicy());
        (await FailAsync(SessionHost.Credential, SessionHost.Secret)).SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task A_connection_that_is_not_there_is_28000()
    {
        await using var client = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        (await client.TryLogInAsync(SessionHost.Credential, SessionHost.Secret, "nowhere"))!.Value.Diagnostic.SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task A_revocation_ends_live_sessions_with_57P01_within_two_seconds()
    {
        _host.Give(_host.CredentialOf("cred_bob", "secret"));
        await using var idle = await _host.OpenRawAsync("cred_bob", "secret");
        await using var busy = await _host.OpenRawAsync("cred_bob", "secret");
        await using var other = await _host.OpenRawAsync();
        await busy.Query("SELECT pg_sleep(60)").SendAsync();
        var since = Stopwatch.GetTimestamp();
        _host.Revoke("cred_bob");
        foreach (var client in new[] { idle, busy })
        {
            (await client.ReceiveAsync()).ToString().ShouldBe("E:57P01");
            await Should.ThrowAsync<EndOfStreamException>(client.ReceiveAsync);
        }

        Stopwatch.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (await other.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        (await FailAsync("cred_bob", "secret")).SqlState.ShouldBeOneOf("28000", "28P01");
    }

    [Fact]
    public async Task A_session_ends_when_its_credential_expires()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(3);
        _host.Give(_host.CredentialOf("cred_brief", "secret", end));
        await using var idle = await _host.OpenRawAsync("cred_brief", "secret");
        await using var busy = await _host.OpenRawAsync("cred_brief", "secret");
        await busy.Query("SELECT pg_sleep(60)").SendAsync();
        foreach (var client in new[] { idle, busy })
            (await client.ReceiveAsync()).ToString().ShouldBe("E:57P01");
        (DateTimeOffset.UtcNow - end).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await _host.NoSessionsAsync();
        _host.Events().Last(e => e.BodyCase == SessionEvent.BodyOneofCase.Ended).Ended.Reason.ShouldBe("expired");
    }

    [Fact]
    public async Task Losing_the_access_rule_ends_the_session()
    {
        await using var client = await _host.OpenRawAsync();
        _host.Use(new TestPolicy());
        (await client.ReceiveAsync()).ToString().ShouldBe("E:57P01");
    }

    [Fact]
    public async Task Access_by_a_schedule_ends_with_it()
    {
        TestPolicy At(string schedule) => new TestPolicy().Add("AccessRule", "hours", $$"""{"access":"write","schedule":["{{schedule}}"]}""");
        _host.Use(At("* * * * *"));
        await using var client = await _host.OpenRawAsync();
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        _host.Use(At("* * 31 2 *"));
        (await client.ReceiveAsync()).ToString().ShouldBe("E:57P01");
        (await FailAsync(SessionHost.Credential, SessionHost.Secret)).SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task The_access_level_read_refuses_writes_by_name()
    {
        _host.Use(TestPolicy.Sample("read"));
        await using var client = await _host.OpenRawAsync();
        var error = (await client.Query("UPDATE orders SET note = 'x' WHERE id = 1").RoundTripAsync()).Error().Diagnostic;
        error.SqlState.ShouldBe("42501");
        error.Message.ShouldStartWith("weir: denied by access level \"read\": ");
        (await client.Query("SHOW transaction_read_only").RoundTripAsync()).Texts().ShouldContain("D:on");
    }

    [Fact]
    public async Task A_stale_policy_refuses_new_sessions_and_new_statements_with_57P03()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("SELECT 1").RoundTripAsync();
        _host.Policies.RestoreHeardAt(DateTimeOffset.UtcNow.AddHours(-2));
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["E:57P03", "Z:I"]);
        (await FailAsync(SessionHost.Credential, SessionHost.Secret)).SqlState.ShouldBe("57P03");
        _host.Policies.Heard();
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task A_full_spool_refuses_statements_with_58030_and_goes_on_when_it_has_room()
    {
        await using var client = await _host.OpenRawAsync();
        var filler = "SELECT 1 -- " + new string('x', 60_000);
        var refused = false;
        for (var i = 0; i < 1000 && !refused; i++)
            refused = (await client.Query($"{filler}{i}").RoundTripAsync()).Texts() is ["E:58030", "Z:I"];
        refused.ShouldBeTrue();
        (await client.Parse("", filler).Bind("", "").Execute().Sync().RoundTripAsync()).Texts()[^2..].ShouldBe(["E:58030", "Z:I"]);
        await client.Query("SELECT 1").RoundTripAsync();
        _host.Spool.Flush().ShouldBeTrue();
        using var reader = new Weir.Agent.Recording.SpoolReader(_host.Spool);
        while (reader.Read(1024 * 1024) is { } batch)
            _host.Spool.Acknowledge(batch.EndPosition);
        (await client.Query(filler).RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Theory]
    [InlineData("SET application_name = 'mine'")]
    [InlineData("SET SESSION application_name TO DEFAULT")]
    [InlineData("SET LOCAL application_name = 'mine'")]
    [InlineData("RESET application_name")]
    [InlineData("RESET ALL")]
    [InlineData("DISCARD ALL")]
    [InlineData("SELECT set_config('application_name', 'mine', false)")]
    [InlineData("SELECT set_config('application' || '_name', 'mine', false)")]
    [InlineData("UPDATE pg_settings SET setting = 'mine' WHERE name = 'application_name'")]
    public async Task The_database_sees_principal_and_session_whatever_the_client_sets(string sql)
    {
        await using var client = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        await client.LogInAsync(
            SessionHost.Credential, SessionHost.Secret, "orders", new("application_name", "purpose=debugging;ticket=OPS-1"), new("options", "-c application_name=mine"));
        client.Parameters["application_name"].ShouldBe("purpose=debugging;ticket=OPS-1");
        await client.Query(sql).RoundTripAsync();
        await client.Parse("", sql).Bind("", "").Execute().Sync().RoundTripAsync();
        var id = _host.Sessions.LiveIds().ShouldHaveSingleItem();
        var seen = await server.AskAsync($"SELECT application_name FROM pg_stat_activity WHERE pid = {client.Key.ProcessId}");
        seen.ShouldBe($"weir:{_host.Principal}/{StartupSettings.ShortId(id)}");
        System.Text.Encoding.UTF8.GetByteCount(seen!).ShouldBeLessThanOrEqualTo(63);
        var started = _host.Events()[0].Started;
        started.ApplicationName.ShouldBe("purpose=debugging;ticket=OPS-1");
        started.Context["ticket"].ShouldBe("OPS-1");
    }

    [Fact]
    public async Task Two_sessions_that_set_the_same_application_name_keep_names_of_their_own_at_the_database()
    {
        const string sql = "SET application_name = 'a driver'";
        await using var first = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        await using var second = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        foreach (var client in (RawClient[])[first, second])
        {
            await client.LogInAsync(SessionHost.Credential, SessionHost.Secret, "orders");
            (await client.Query(sql).RoundTripAsync()).Texts().ShouldBe(["C:SET", "Z:I"]);
            (await client.Parse("", sql).Bind("", "").Execute().Sync().RoundTripAsync()).Texts().ShouldBe(["1", "2", "C:SET", "Z:I"]);
        }

        var names = await server.AskAsync($"SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE application_name LIKE 'weir:{_host.Principal}/%'");
        names.ShouldBe("2");
    }

    private async Task<Weir.Protocol.Postgres.Backend.Diagnostic> FailAsync(string user, string password)
    {
        await using var client = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        return (await client.TryLogInAsync(user, password, "orders")).ShouldNotBeNull().Diagnostic;
    }

    private async Task<string> SaltAsync(string user)
    {
        await using var client = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        await client.TryLogInAsync(user, "wrong", "orders");
        return client.Salt;
    }
}
