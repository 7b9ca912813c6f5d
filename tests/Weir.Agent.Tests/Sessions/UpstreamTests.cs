using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Which server a session lands on, and with which password.</summary>
public sealed class UpstreamTests(SampleServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hosts_are_tried_in_turn()
    {
        var port = (await server.ServerAsync()).Port;
        await using var host = await StartAsync($"127.0.0.1:{ClosedPort()},127.0.0.1:{port}", "any");
        await using var client = await host.OpenRawAsync();

        (await PortAsync(client)).ShouldBe(port);
    }

    [Fact]
    public async Task Target_session_attributes_choose_among_the_hosts()
    {
        var writable = await server.ServerAsync();
        await using var readOnly = await PostgresServer.StartAsync(cancellationToken: Cancel);
        await readOnly.ExecuteAsync(PostgresServer.Superuser, $"CREATE ROLE {SampleServer.Owner} LOGIN PASSWORD '{server.Password}'", Cancel);
        await readOnly.ExecuteAsync(PostgresServer.Superuser, "CREATE DATABASE orders", Cancel);
        await readOnly.ExecuteAsync(PostgresServer.Superuser, "ALTER DATABASE orders SET default_transaction_read_only = on", Cancel);
        var hosts = $"127.0.0.1:{readOnly.Port},127.0.0.1:{writable.Port}";
        foreach (var (attributes, port) in new[] { ("any", readOnly.Port), ("read-write", writable.Port), ("read-only", readOnly.Port), ("primary", readOnly.Port) })
        {
            await using var host = await StartAsync(hosts, attributes);
            await using var client = await host.OpenRawAsync();
            (await PortAsync(client)).ShouldBe(port, attributes);
        }

        await using var none = await StartAsync(hosts, "standby");
        await using var refused = await RawClient.ConnectAsync("127.0.0.1", none.Port);
        var error = (await refused.TryLogInAsync(SessionHost.Credential, SessionHost.Secret, "orders")).ShouldNotBeNull().Diagnostic;
        error.SqlState.ShouldBe("57P03");
    }

    [Fact]
    public async Task A_password_that_was_changed_in_its_file_is_used_without_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "password");
        var port = (await server.ServerAsync()).Port;
        await server.ExecuteAsync($"CREATE ROLE rotating LOGIN PASSWORD 'first' IN ROLE {SampleServer.Owner}; GRANT CONNECT ON DATABASE orders TO rotating");
        await File.WriteAllTextAsync(file, "first\n", Cancel);
        await using var host = await SessionHost.StartAsync(server, upstream:
            $$"""{"host":"127.0.0.1","port":{{port}},"database":"orders","tls":"disable","user":"rotating","password":{"file":"{{file}}"} }""");
        await using var before = await host.OpenRawAsync();

        await server.ExecuteAsync("ALTER ROLE rotating PASSWORD 'second'");
        await using (var stale = await RawClient.ConnectAsync("127.0.0.1", host.Port))
            (await stale.TryLogInAsync(SessionHost.Credential, SessionHost.Secret, "orders")).ShouldNotBeNull().ToString().ShouldStartWith("E:");
        await File.WriteAllTextAsync(file, "second\n", Cancel);
        await using var after = await host.OpenRawAsync();

        foreach (var client in new[] { before, after })
            (await client.Query("SELECT current_user").RoundTripAsync()).Texts()[1].ShouldBe("D:rotating");
        await before.DisposeAsync();
        await after.DisposeAsync();
        await host.NoSessionsAsync();
    }

    private Task<SessionHost> StartAsync(string hosts, string attributes) => SessionHost.StartAsync(server, upstream:
        $$"""{"host":"{{hosts}}","port":1,"database":"orders","tls":"disable","user":"{{SampleServer.Owner}}","password":{"stored":{} },"targetSessionAttributes":"{{attributes}}"}""");

    private static async Task<int> PortAsync(RawClient client) =>
        int.Parse((await client.Query("SHOW port").RoundTripAsync()).Texts()[1][2..], CultureInfo.InvariantCulture);

    /// <summary>Nobody listens there: it was free a moment ago.</summary>
    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
