using System.Globalization;
using Weir.Agent.Recording;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
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
        var programs = new MaskingPrograms(random, queries);
        using var recorded = new SpoolReader(_host.Spool);
        await using var client = await _host.OpenRawAsync();
        var leaks = new List<string>();
        int answered = 0;

        for (int i = 0; i < count; i++)
        {
            var (form, text, messages) = await SendAsync(client, queries, programs, random);
            answered += messages.Any(m => m.Type is BackendMessageType.DataRow or BackendMessageType.CopyData) ? 1 : 0;
            if (_canaries.Find(messages) is { } found)
                leaks.Add($"#{i} {form}: {text} gave {found}");
            if (i % 50 == 49 || i == count - 1)
                leaks.AddRange(Recorded(recorded).Select(f => $"up to #{i}, recorded: {f}"));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{answered} answered with rows");

        leaks.ShouldBeEmpty($"seed {seed}\n" + string.Join('\n', leaks));
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

    [Fact]
    public async Task The_same_queries_over_open_columns_answer_as_they_do_directly()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("WEIR_SEED"), CultureInfo.InvariantCulture, out int given) ? given : 20_261_124;
        int count = Environment.GetEnvironmentVariable("WEIR_LONG_TESTS") == "1" ? Long / 10 : Short / 2;
        await server.ExecuteAsync(MaskingCanaries.Setup.Replace("vault", "unlocked", StringComparison.Ordinal));
        var queries = new MaskingQueries(new Random(seed));
        await using var client = await _host.OpenRawAsync();
        await using var direct = await RawClient.ConnectAsync("127.0.0.1", (await server.ServerAsync()).Port);
        await direct.LogInAsync(SampleServer.Owner, server.Password, SampleServer.Database);
        var refused = new List<string>();
        var masked = new List<string>();
        int procedural = 0;

        for (int i = 0; i < count; i++)
        {
            string query = queries.Next().Replace("vault", "unlocked", StringComparison.Ordinal);
            var through = await client.Query(query).RoundTripAsync();
            var expected = await direct.Query(query).RoundTripAsync();
            if (through.Texts().Order(StringComparer.Ordinal).SequenceEqual(expected.Texts().Order(StringComparer.Ordinal)))
                continue;

            // What a procedure or the system's statistics bring can be anything, and is masked.
            if (query.Contains("secret_of", StringComparison.Ordinal) || query.Contains("_to_xml", StringComparison.Ordinal) || query.Contains("pg_stat", StringComparison.Ordinal) || query.Contains("ts_stat", StringComparison.Ordinal))
                procedural++;
            else if (through.Any(m => m.Type == BackendMessageType.ErrorResponse) && expected.All(m => m.Type != BackendMessageType.ErrorResponse))
                refused.Add($"#{i} {query}: {through.Error().Diagnostic.Message}");
            else
                masked.Add($"#{i} {query}: {string.Join(' ', through.Texts())} for {string.Join(' ', expected.Texts())}");
            if (i % 100 == 99)
                _host.Spool.Acknowledge(_host.Spool.DurablePosition);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {count} queries: {refused.Count} refused, {masked.Count} masked, {procedural} that can't be known");
        refused.ShouldBeEmpty($"seed {seed}");
        masked.ShouldBeEmpty($"seed {seed}");
    }

    private List<string> Recorded(SpoolReader reader)
    {
        _host.Spool.Flush().ShouldBeTrue();
        var found = new List<string>();
        while (reader.Read(256 * 1024) is { } batch)
        {
            foreach (var payload in batch.Events)
            {
                if (_canaries.Find(payload.Span) is { } canary)
                    found.Add($"{canary} in {SessionEvent.Parser.ParseFrom(payload)}");
            }

            _host.Spool.Acknowledge(batch.EndPosition);
        }

        return found;
    }

    private static async Task<(string Form, string Text, List<RawMessage> Messages)> SendAsync(RawClient client, MaskingQueries queries, MaskingPrograms programs, Random random)
    {
        string query = queries.Next();
        switch (random.Next(13))
        {
            case 11 or 12:
                string[] program = programs.Next();
                client.Query("BEGIN");
                foreach (string statement in program)
                    client.Query(statement);
                return ("program", string.Join("; ", program), await client.Query("ROLLBACK").Query("DEALLOCATE ALL").Query("SELECT pg_advisory_unlock_all()").Query("UNLISTEN *").RoundTripAsync(program.Length + 5));
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
