using System.Globalization;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Tests.Sessions;

/// <summary>
/// Whatever a query does to a masked value, the value does not come back: generated queries, sent in every form the protocol has, by lineage and origin alone
/// (no detector). <c>WEIR_SEED</c> repeats a run; <c>WEIR_LONG_TESTS=1</c> makes it long.
/// </summary>
public sealed class MaskingMetamorphicTests(SampleServer server) : IAsyncLifetime
{
    private const int Short = 400;
    private const int Long = 30_000;

    private readonly MaskingCanaries _canaries = new();
    private SessionHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        await server.ServerAsync();
        await server.ExecuteAsync(MaskingCanaries.Setup);
        _host = await SessionHost.StartAsync(server, TestPolicy.Open("admin").Add("MaskingRule", "vault", $$"""{"columns":{{MaskingCanaries.Columns}},"mask":"redact","use":"allow"}"""));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task No_generated_query_brings_back_a_masked_value()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("WEIR_SEED"), CultureInfo.InvariantCulture, out int given) ? given : 20_261_124;
        int count = Environment.GetEnvironmentVariable("WEIR_LONG_TESTS") == "1" ? Long : Short;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {count} queries");
        var random = new Random(seed);
        var queries = new MaskingQueries(random);
        await using var client = await _host.OpenRawAsync();
        var leaks = new List<string>();
        int answered = 0;

        for (int i = 0; i < count; i++)
        {
            var (form, text, messages) = await SendAsync(client, queries, random);
            answered += messages.Any(m => m.Type is BackendMessageType.DataRow or BackendMessageType.CopyData) ? 1 : 0;
            if (_canaries.Find(messages) is { } found)
                leaks.Add($"#{i} {form}: {text} gave {found}");
        }

        leaks.ShouldBeEmpty($"seed {seed}");
        answered.ShouldBeGreaterThan(count / 2);
    }

    [Fact]
    public async Task The_canaries_would_be_recognized_without_masks()
    {
        await using var bare = await SessionHost.StartAsync(server, TestPolicy.Open("admin"));
        var queries = new MaskingQueries(new Random(7));
        await using var client = await bare.OpenRawAsync();
        int recognized = 0;
        for (int i = 0; i < 100; i++)
            recognized += _canaries.Find(await client.Query(queries.Next()).RoundTripAsync()) is not null ? 1 : 0;

        recognized.ShouldBeGreaterThan(60);
    }

    private static async Task<(string Form, string Text, List<RawMessage> Messages)> SendAsync(RawClient client, MaskingQueries queries, Random random)
    {
        string query = queries.Next();
        switch (random.Next(11))
        {
            case 0:
                return ("COPY", query, await client.Query($"COPY ({query}) TO STDOUT").RoundTripAsync());
            case 1:
                return ("COPY csv", query, await client.Query($"COPY ({query}) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)").RoundTripAsync());
            case 2:
                return ("COPY binary", query, await client.Query($"COPY ({query}) TO STDOUT (FORMAT binary)").RoundTripAsync());
            case 3:
                string binary = random.Next(2) == 0 ? "BINARY " : "";
                return ("cursor", query, await client.Query("BEGIN").Query($"DECLARE k {binary}CURSOR FOR {query}").Query("FETCH ALL FROM k").Query("ROLLBACK").RoundTripAsync(4));
            case 4:
                return ("PREPARE", query, await client.Query("DEALLOCATE ALL").Query($"PREPARE p AS {query}").Query("EXECUTE p").RoundTripAsync(3));
            case 5:
                return ("EXPLAIN", query, await client.Query($"EXPLAIN (ANALYZE, VERBOSE) {query}").RoundTripAsync());
            case 6:
                string change = queries.NextChange();
                return ("change", change, await client.Query("BEGIN").Query(change).Query("ROLLBACK").RoundTripAsync(3));
            case 7:
                return ("extended", query, await client.Parse("", query).Bind("", "").DescribePortal("").Execute().Sync().RoundTripAsync());
            case 8:
                client.Parse("", query);
                BindWriter.Begin(client.Out, [], [], [], 0).End([FormatCode.Binary]);
                return ("binary", query, await client.DescribePortal("").Execute().Sync().RoundTripAsync());
            case 9:
                client.Parse("", query);
                BindWriter.Begin(client.Out, [], [], [], 0).End([FormatCode.Binary]);
                return ("binary without a description", query, await client.Execute("", 1).Execute("", 1).Sync().RoundTripAsync());
            default:
                return ("simple", query, await client.Query(query).RoundTripAsync());
        }
    }
}
