using System.Globalization;
using System.Runtime.CompilerServices;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres.Frontend;
using Weir.Testing;

namespace Weir.Agent.Tests.Sessions;

/// <summary>What is kept for later has a budget in bytes.</summary>
public sealed class MemoryTests(SampleServer server)
{
    [Fact]
    public async Task Verdicts_stay_within_their_budget_and_go_on_being_right()
    {
        const long budget = 200_000;
        await using var host = await SessionHost.StartAsync(server, options: new SessionOptions { MaxJudgementBytes = budget });
        await using var client = await host.OpenRawAsync();
        for (var i = 0; i < 500; i++)
        {
            await client.Query(string.Create(CultureInfo.InvariantCulture, $"SELECT ssn AS c{i} FROM customers WHERE id = 1")).RoundTripAsync();
            await client.Query("SELECT ssn AS often FROM customers WHERE id = 2").RoundTripAsync();
            host.Services.Judgements.Bytes.ShouldBeInRange(1, budget);
        }

        (await client.Query("SELECT ssn AS c1 FROM customers WHERE id = 1").RoundTripAsync()).Texts()[1].ShouldBe("D:*****");
    }

    [Fact]
    public async Task Verdicts_of_a_replaced_catalog_go()
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Sample("admin"));
        await using var client = await host.OpenRawAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.Query($"CREATE TABLE gone{i} (i int)").RoundTripAsync();
            await client.Query($"SELECT i FROM gone{i}").RoundTripAsync();
            await client.Query($"ALTER TABLE gone{i} ADD n int").RoundTripAsync();
            await server.ExecuteAsync($"DROP TABLE gone{i}");
        }

        await client.Query("SELECT 1").RoundTripAsync();
        host.Services.Judgements.Count.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task Idle_session_keeps_no_replaced_catalog_in_memory()
    {
        await using var host = await SessionHost.StartAsync(server);
        await using var idle = await host.OpenRawAsync();
        await idle.Parse("kept", "SELECT ssn FROM customers").DescribeStatement("kept").Bind("", "kept").Execute().Sync().RoundTripAsync();
        WeakReference? replaced = null;
        host.Services.Catalogs.Replaced += snapshot => Volatile.Write(ref replaced, new WeakReference(snapshot));
        await server.ExecuteAsync("CREATE TABLE newer (i int)");
        await Eventually.HoldsAsync(() => Task.FromResult(Volatile.Read(ref replaced) is not null), TimeSpan.FromSeconds(20), "the catalog is read again", TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync(() => Task.FromResult(IsCollected(replaced!)), TimeSpan.FromSeconds(20), "the old one is gone", TestContext.Current.CancellationToken);

        (await idle.Bind("", "kept").Execute(maxRows: 1).Sync().RoundTripAsync()).Texts().ShouldContain("D:*****");
        await server.ExecuteAsync("DROP TABLE newer");
    }

    [Fact]
    public async Task Names_of_a_session_are_limited_in_bytes()
    {
        await using var host = await SessionHost.StartAsync(server, options: new SessionOptions { MaxPreparedBytes = 100_000 });
        await using var client = await host.OpenRawAsync();
        var text = $"SELECT '{new string('x', 10_000)}'";
        var made = 0;
        while ((await client.Parse($"s{made}", text).Sync().RoundTripAsync()).Texts() is ["1", _])
            made++.ShouldBeLessThan(10);

        client.Received.Texts().ShouldBe(["E:53400", "Z:I"]);
        (await client.Query($"PREPARE another AS {text}").RoundTripAsync()).Texts().ShouldBe(["E:53400", "Z:I"]);
        (await client.Parse("", "SELECT 1").Bind("named", "").Sync().RoundTripAsync()).Texts().ShouldBe(["1", "E:53400", "Z:I"]);
        (await client.Parse("", text).Bind("", "").Execute().Sync().RoundTripAsync()).Texts()[^2].ShouldBe("C:SELECT 1");
        Close.Write(client.Out, TargetKind.Statement, "s0"u8);
        (await client.Parse("s0", text).Sync().RoundTripAsync()).Texts().ShouldBe(["3", "1", "Z:I"]);
        await client.Query("DEALLOCATE ALL").RoundTripAsync();
        (await client.Query($"PREPARE another AS {text}").RoundTripAsync()).Texts().ShouldBe(["C:PREPARE", "Z:I"]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsCollected(WeakReference reference)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return !reference.IsAlive;
    }
}
