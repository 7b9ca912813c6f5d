using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>An upstream that is a pooler: in session mode it is as good as the server, in transaction mode it is refused.</summary>
public sealed class PoolerTests(SampleServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_pooler_as_upstream_is_refused_and_named()
    {
        var postgres = await server.ServerAsync();
        await using var pooler = await PgBouncerServer.StartAsync(postgres, "transaction", Cancel);
        await using var host = await SessionHost.StartAsync(server, upstreamUser: PostgresServer.Superuser, upstreamPassword: postgres.Password, upstreamPort: pooler.Port);
        var refusal = await Should.ThrowAsync<PostgresException>(() => host.OpenAsync());
        refusal.Severity.ShouldBe("FATAL");
        refusal.MessageText.ShouldContain("transaction pooler");
        host.Log.Lines.ShouldContain(line => line.Contains("one server process", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pooler_in_session_mode_serves_as_the_server_does()
    {
        var postgres = await server.ServerAsync();
        await using var pooler = await PgBouncerServer.StartAsync(postgres, "session", Cancel);
        await using var host = await SessionHost.StartAsync(server, upstreamUser: PostgresServer.Superuser, upstreamPassword: postgres.Password, upstreamPort: pooler.Port);
        await using var connection = await host.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM orders", connection);
        (await command.ExecuteScalarAsync(Cancel)).ShouldBeOfType<long>();
    }
}
