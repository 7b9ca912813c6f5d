using System.Globalization;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>libpq's target_session_attrs, against a primary and a standby that streams from it.</summary>
public sealed class TargetSessionTests(SampleServer server)
{
    /// <summary>Debian's: the only one here with pg_basebackup.</summary>
    private const int Major = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_value_finds_the_server_that_libpq_finds()
    {
        await server.ServerAsync();
        await using var primary = await PostgresServer.StartAsync(new PostgresServerOptions { Major = Major }, Cancel);
        await primary.ExecuteAsync(PostgresServer.Superuser, $"CREATE ROLE {SampleServer.Owner} LOGIN PASSWORD '{server.Password}'", Cancel);
        await primary.ExecuteAsync(PostgresServer.Superuser, $"CREATE DATABASE orders OWNER {SampleServer.Owner}", Cancel);
        await using var standby = await PostgresServer.StartAsync(new PostgresServerOptions { Major = Major, StandbyOf = primary.Port }, Cancel);
        var both = new[] { $"127.0.0.1:{primary.Port},127.0.0.1:{standby.Port}", $"127.0.0.1:{standby.Port},127.0.0.1:{primary.Port}" };
        var closed = FreePort.Next();
        var onlyPrimary = $"127.0.0.1:{closed},127.0.0.1:{primary.Port}";
        var onlyStandby = $"127.0.0.1:{closed},127.0.0.1:{standby.Port}";

        foreach (var hosts in both)
        {
            var first = hosts == both[0] ? primary.Port : standby.Port;
            await ExpectAsync(hosts, "any", first);
            await ExpectAsync(hosts, "read-write", primary.Port);
            await ExpectAsync(hosts, "primary", primary.Port);
            await ExpectAsync(hosts, "read-only", standby.Port);
            await ExpectAsync(hosts, "standby", standby.Port);
            await ExpectAsync(hosts, "prefer-standby", standby.Port);
        }

        await ExpectAsync(onlyPrimary, "any", primary.Port);
        await ExpectAsync(onlyPrimary, "prefer-standby", primary.Port);
        await ExpectAsync(onlyStandby, "prefer-standby", standby.Port);
        await ExpectAsync(onlyPrimary, "read-only", null);
        await ExpectAsync(onlyPrimary, "standby", null);
        await ExpectAsync(onlyStandby, "read-write", null);
        await ExpectAsync(onlyStandby, "primary", null);

        // The standby takes over: it is found as the primary, without a restart of anything.
        await primary.DisposeAsync();
        await standby.ExecuteAsync(PostgresServer.Superuser, "SELECT pg_promote(true, 60)", Cancel);
        foreach (var hosts in both)
        {
            await ExpectAsync(hosts, "read-write", standby.Port);
            await ExpectAsync(hosts, "prefer-standby", standby.Port);
            await ExpectAsync(hosts, "standby", null);
        }
    }

    /// <summary>Through an agent, and with libpq itself.</summary>
    /// <param name="port">Null where none fits.</param>
    private async Task ExpectAsync(string hosts, string attributes, int? port)
    {
        var what = $"{attributes} of {hosts}";
        var names = string.Join(",", hosts.Split(',').Select(h => h.Split(':')[0]));
        var ports = string.Join(",", hosts.Split(',').Select(h => h.Split(':')[1]));
        var direct = await new PsqlClient().QueryAsync(
            $"host={names} port={ports} dbname=orders user={SampleServer.Owner} password={server.Password} target_session_attrs={attributes}", ["SHOW port"], Cancel);
        (direct.ExitCode == 0 ? direct.StandardOutput.Trim() : null).ShouldBe(port?.ToString(CultureInfo.InvariantCulture), what + ": " + direct.StandardError);

        await using var host = await SessionHost.StartAsync(server, upstream:
            $$"""{"host":"{{hosts}}","port":1,"database":"orders","tls":"disable","user":"{{SampleServer.Owner}}","password":{"stored":{} },"targetSessionAttributes":"{{attributes}}"}""");
        await using var client = await RawClient.ConnectAsync("127.0.0.1", host.Port);
        if (port is null)
        {
            (await client.TryLogInAsync(SessionHost.Credential, SessionHost.Secret, "orders")).ShouldNotBeNull(what).Diagnostic.SqlState.ShouldBe("57P03", what);
            return;
        }

        await client.LogInAsync(SessionHost.Credential, SessionHost.Secret, "orders");
        (await client.Query("SHOW port").RoundTripAsync()).Texts()[1].ShouldBe($"D:{port}", what);
    }
}
