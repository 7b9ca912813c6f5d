using System.Globalization;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Random pipelines, sent in one piece to the server and through the agent: the answers must be the same, message by message.</summary>
public sealed class PipelineFidelityTests(SampleServer server) : IAsyncLifetime
{
    private static readonly int Pipelines = int.TryParse(Environment.GetEnvironmentVariable("WEIR_TEST_PIPELINES"), out var pipelines) ? pipelines : 100;
    private const int Longest = 24;

    private static readonly string[] Texts =
    [
        "SELECT 1", "SELECT 2 AS two, NULL::text", "SELECT 1/(SELECT 0)", "SELECT $1::int + 1", "SELEC", "", "SELECT generate_series(1, 3)", "SELECT no_such_column",
        "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s", "SET search_path = public", "RESET ALL", "SHOW search_path",
        "PREPARE q AS SELECT 7", "DEALLOCATE q", "DEALLOCATE ALL", "DECLARE c CURSOR FOR SELECT generate_series(1, 5)", "FETCH 2 FROM c", "CLOSE c",
        "INSERT INTO scratch VALUES (1)", "UPDATE scratch SET i = i + 1", "SELECT count(*) >= 0 FROM scratch", "DELETE FROM scratch", "COPY (SELECT 5) TO STDOUT",
        "CREATE TEMP TABLE IF NOT EXISTS made (i int)", "SELECT count(*) FROM made", "DROP TABLE IF EXISTS made", "SELECT status IS NOT NULL FROM orders WHERE id = 1",
    ];

    private static readonly string[] Several =
    [
        "SELECT 1; SELECT 2", "SELECT 1; SELECT 1/(SELECT 0); SELECT 3", "BEGIN; SELECT 1", "INSERT INTO scratch VALUES (2); SELECT 4; COMMIT", "SELECT 1; ROLLBACK; SELECT 2", ";;",
        "INSERT INTO scratch VALUES (3); SELECT 1/(SELECT 0)", "SELECT 1; SELECT no_such_column", "PREPARE r AS SELECT 8; EXECUTE r; DEALLOCATE r",
        "CREATE TABLE IF NOT EXISTS piped (i int); INSERT INTO piped VALUES (1); ALTER TABLE piped ADD n int; SELECT n FROM piped; SELECT 1/(SELECT 0)",
    ];

    private SessionHost _host = null!;

    /// <summary>Under a budget on changes a function whose name is not certain, behind DDL of the session, is not called by its oid.</summary>
    private bool _hasCalls = true;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, TestPolicy.Open("admin"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public Task Pipelines_are_answered_alike() => CompareAsync(1);

    [Fact]
    public Task Pipelines_are_answered_alike_under_masking_rules()
    {
        _host.Use(TestPolicy.Open("admin").Masks());
        return CompareAsync(1001);
    }

    [Fact]
    public Task Pipelines_are_answered_alike_under_budgets()
    {
        _hasCalls = false;
        _host.Use(TestPolicy.Open("admin").Masks().Budget("large", """{"rowsChanged":100000,"rowsRead":100000,"per":"session"}"""));
        return CompareAsync(2001);
    }

    private async Task CompareAsync(int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + Pipelines; seed++)
        {
            await using var direct = await RawClient.ConnectAsync("127.0.0.1", (await server.ServerAsync()).Port);
            await direct.LogInAsync(SampleServer.Owner, server.Password, SampleServer.Database);
            await using var through = await _host.OpenRawAsync();
            var expected = await RunAsync(direct, seed);
            string[] actual;
            try
            {
                actual = await RunAsync(through, seed);
            }
            catch (Exception fault) when (fault is OperationCanceledException or EndOfStreamException)
            {
                throw new InvalidOperationException($"Seed {seed}: {fault.GetType().Name}\n{Describe(seed)}\nexpected {string.Join(" ", expected)}\ncame {string.Join(" ", through.Received.Texts())}\n{string.Join("\n", _host.Log.Errors)}");
            }

            actual.ShouldBe(expected, $"Seed {seed}\n{Describe(seed)}");
        }
    }

    private async Task<string[]> RunAsync(RawClient client, int seed)
    {
        await client.Query("CREATE TEMP TABLE scratch (i int)").RoundTripAsync();
        var readies = Write(client, seed, null);
        return [.. (await client.RoundTripAsync(readies)).Texts().Select(t => t switch
        {
            // Under masking rules names in notices are hidden.
            ['N', ..] => "N",
            // A Query that fails in a failed transaction leaves its portal behind on the server.
            "E:34000" => "E:25P02",
            _ => t,
        })];
    }

    private string Describe(int seed)
    {
        var steps = new List<string>();
        Write(null, seed, steps);
        return string.Join("\n", steps);
    }

    /// <returns>How many ReadyForQuery come.</returns>
    private int Write(RawClient? client, int seed, List<string>? steps)
    {
        var random = new Random(seed);
        var readies = 0;
        var isSynced = true;
        for (var i = random.Next(3, Longest); i > 0; i--)
        {
            var name = random.Next(3) switch { 0 => "a", 1 => "b", _ => "" };
            var other = random.Next(3) switch { 0 => "a", 1 => "b", _ => "" };
            var text = Texts[random.Next(Texts.Length)];
            switch (random.Next(13))
            {
                case 0 or 1:
                    // Whole, as drivers send it.
                    steps?.Add($"Parse/Bind/Describe/Execute {text}");
                    client?.Parse("", text).Bind("", "", text.Contains('$', StringComparison.Ordinal) ? ["41"] : []).DescribePortal("").Execute();
                    isSynced = false;
                    break;
                case 2:
                    steps?.Add($"Parse {name} {text}");
                    client?.Parse(name, text);
                    isSynced = false;
                    break;
                case 3:
                    steps?.Add($"Bind {name} {other}");
                    client?.Bind(name, other);
                    isSynced = false;
                    break;
                case 4:
                    var limit = random.Next(3);
                    steps?.Add(string.Create(CultureInfo.InvariantCulture, $"Execute {name} {limit}"));
                    client?.Execute(name, limit);
                    isSynced = false;
                    break;
                case 5:
                    steps?.Add($"Describe portal {name}");
                    client?.DescribePortal(name);
                    isSynced = false;
                    break;
                case 6:
                    steps?.Add($"Describe statement {name}");
                    client?.DescribeStatement(name);
                    isSynced = false;
                    break;
                case 7:
                    var target = random.Next(2) == 0 ? TargetKind.Portal : TargetKind.Statement;
                    steps?.Add($"Close {target} {name}");
                    if (client is not null)
                        Close.Write(client.Out, target, System.Text.Encoding.UTF8.GetBytes(name));
                    isSynced = false;
                    break;
                case 8:
                    steps?.Add("Flush");
                    client?.Flush();
                    break;
                case 9:
                    steps?.Add("Sync");
                    client?.Sync();
                    readies++;
                    isSynced = true;
                    break;
                default:
                    // A Query or FunctionCall amid an unsynced run is something that no client sends.
                    if (!isSynced)
                    {
                        client?.Sync();
                        steps?.Add("Sync");
                        readies++;
                        isSynced = true;
                    }

                    readies++;
                    if (random.Next(4) == 0 && _hasCalls)
                    {
                        // reverse(text), and one that there is not.
                        var function = random.Next(3) == 0 ? 1u : 3062u;
                        steps?.Add($"FunctionCall {function}");
                        client?.Call(function, "abc");
                        break;
                    }

                    var query = random.Next(3) == 0 || text.Contains('$', StringComparison.Ordinal) ? Several[random.Next(Several.Length)] : text;
                    steps?.Add($"Query {query}");
                    client?.Query(query);
                    break;
            }
        }

        client?.Sync();
        return readies + 1;
    }
}
