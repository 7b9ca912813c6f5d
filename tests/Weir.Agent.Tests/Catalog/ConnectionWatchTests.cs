using Weir.Agent.Catalog;
using Weir.Agent.Link;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Testing;

namespace Weir.Agent.Tests.Catalog;

/// <summary>A masking rule that protects nothing is reported and logged, also when a change of the schema made it so.</summary>
public sealed class ConnectionWatchTests(SampleServer server) : IAsyncLifetime
{
    private readonly string _table = "watched_" + Guid.NewGuid().ToString("N");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await server.ExecuteAsync($"CREATE TABLE {_table} (ssn text, card text, mail text)");

    public async ValueTask DisposeAsync() => await server.ExecuteAsync($"DROP TABLE {_table}");

    private TestPolicy Policy(string reason) => TestPolicy.Open()
        .Add("MaskingRule", "numbers", $$"""{"columns":["*.{{_table}}.ssn","*.{{_table}}.card"],"mask":"redact"}""")
        .Add("MaskingRule", "mails", $$"""{"columns":["*.{{_table}}.mail"],"mask":"redact"}""")
        .Add("MaskingRule", "typo", $$"""{"columns":["*.{{_table}}.snn"],"mask":"redact"}""")
        .Add("Guardrail", "other", $$"""{"when":{"effects":["drop"]},"action":"deny","message":"{{reason}}"}""");

    [Fact]
    public async Task Rules_and_columns_that_match_nothing_are_reported_and_those_that_stop_matching()
    {
        await using var host = await SessionHost.StartAsync(server, Policy("first"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var watching = new ConnectionWatch(host.Policies, host.Services.Catalogs, new ConnectionStatusBoard(host.Link), TimeProvider.System, host.Log).RunAsync(stop.Token);

        var before = (await host.Link.NextAsync(AgentMessage.BodyOneofCase.ConnectionStatus)).ConnectionStatus;
        before.Reachable.ShouldBeTrue(before.Detail);
        before.IdleMaskingRules.ShouldBe(["typo"]);
        before.Detail.ShouldBeEmpty();

        await server.ExecuteAsync($"ALTER TABLE {_table} RENAME COLUMN card TO pan; ALTER TABLE {_table} DROP COLUMN mail");
        // The catalog is looked at when its time has come; a new policy makes the watch look.
        ConnectionStatus? after = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                host.Use(Policy(Guid.NewGuid().ToString()));
                await using var client = await host.OpenRawAsync();
                await client.Query("SELECT 1").RoundTripAsync();
                if (!host.Link.HasNothing)
                    after = (await host.Link.NextAsync(AgentMessage.BodyOneofCase.ConnectionStatus)).ConnectionStatus;
                return after is not null;
            },
            TimeSpan.FromSeconds(30),
            "the change is reported",
            Cancel);

        after!.IdleMaskingRules.ShouldBe(["mails", "typo"]);
        after.Detail.ShouldBe($"Masking rule numbers: *.{_table}.card matches no column.");
        host.Log.Lines.ShouldContain("Connection orders: masking rules that match no column: typo. ");
        host.Log.Lines.ShouldContain(l => l.StartsWith("Connection orders: masking rules that match no column: mails, typo. Masking rule numbers:", StringComparison.Ordinal));
        await stop.CancelAsync();
        await watching;
    }
}
