using System.Globalization;
using System.Text;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Tests.Net;

/// <summary>
/// Damaged streams of both peers. Whatever comes: no defect (the host looks for logged ones), nobody hangs, nothing that is denied is carried out, nothing that is masked is shown. The same
/// numbers in every run; WEIR_FUZZ_SEED and WEIR_FUZZ_STREAMS name others, and WEIR_LONG_TESTS=1 takes many from the clock.
/// </summary>
public sealed class SessionFuzzTests(SampleServer server, ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("WEIR_LONG_TESTS") == "1";
    private static readonly int Streams = int.TryParse(Environment.GetEnvironmentVariable("WEIR_FUZZ_STREAMS"), CultureInfo.InvariantCulture, out var streams) ? streams : IsLong ? 20_000 : 150;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Texts =
    [
        "SELECT ssn, credit_card FROM customers", "SELECT * FROM customers WHERE id < 5", "SELECT upper(ssn) FROM customers", "SELECT $1::text", "SELECT 1", "", "SELEC",
        "UPDATE orders SET note = 'fuzzed'", "DELETE FROM orders", "DROP TABLE orders", "INSERT INTO orders (customer_id, status, amount) VALUES (1, 'fuzzed', 1)", "BEGIN", "COMMIT", "ROLLBACK",
        "COPY customers (ssn) TO STDOUT", "COPY orders (note) FROM STDIN", "SELECT 1; UPDATE orders SET note = 'fuzzed'", "PREPARE q AS SELECT ssn FROM customers", "EXECUTE q", "SELECT 1/0",
        "SET search_path = public", "DECLARE c CURSOR FOR SELECT ssn FROM customers", "FETCH ALL FROM c",
    ];

    /// <summary>The database itself would let it all happen.</summary>
    private static TestPolicy NothingChanges => TestPolicy.Open("admin").Masks()
        .Add("Guardrail", "nothing-changes", """{"when":{"effects":["insert","update","delete","merge","truncate","create","alter","drop","copy_in"]},"action":"deny"}""");

    private static int FirstSeed => int.TryParse(Environment.GetEnvironmentVariable("WEIR_FUZZ_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : IsLong ? Environment.TickCount : 1;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damaged_requests_do_no_harm(bool useLoops)
    {
        var secrets = (await server.AskAsync("SELECT string_agg(ssn || ',' || credit_card, ',') FROM customers"))!.Split(',').Select(Encoding.UTF8.GetBytes).ToArray();
        await using var host = await SessionHost.StartAsync(server, NothingChanges, new SessionOptions { UseLoops = useLoops });
        var first = FirstSeed;
        output.WriteLine($"seeds {first} to {first + Streams - 1}");
        await Parallel.ForEachAsync(Enumerable.Range(first, Streams), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (seed, _) =>
        {
            var random = new Random(seed);
            await using var client = await host.OpenRawAsync();
            Write(client, random);
            var sent = FuzzedStream.Damage(random, client.Out.Written, random.Next(0, 6));
            client.Out.Clear();
            var received = await client.TalkAsync(sent, random, Quiet, Patience);
            foreach (var secret in secrets)
                received.AsSpan().IndexOf(secret).ShouldBe(-1, $"seed {seed}: a masked value came back");
        });

        await host.NoSessionsAsync();
        (await server.AskAsync("SELECT count(*) FROM orders WHERE note = 'fuzzed' OR status = 'fuzzed'")).ShouldBe("0");
        (await server.AskAsync("SELECT count(*) > 100 FROM orders")).ShouldBe("True");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damaged_answers_end_their_own_session_at_most(bool useLoops)
    {
        var first = FirstSeed;
        output.WriteLine($"seeds {first} to {first + Streams - 1}");
        var isArmed = false;
        var piece = 0;
        await using var proxy = new DamagingProxy((await server.ServerAsync()).Port, () => Volatile.Read(ref isArmed) ? new Random(first + Interlocked.Increment(ref piece)) : null);
        await using var host = await SessionHost.StartAsync(server, NothingChanges, new SessionOptions { UseLoops = useLoops }, upstreamPort: proxy.Port);
        await using var bystander = await host.OpenRawAsync();
        for (var seed = first; seed < first + (Streams / 5); seed++)
        {
            var random = new Random(seed);
            Volatile.Write(ref isArmed, false);
            await using var client = await host.OpenRawAsync();
            Volatile.Write(ref isArmed, true);
            Write(client, random);
            var sent = client.Out.Written.ToArray();
            client.Out.Clear();
            await client.TalkAsync(sent, random, Quiet, Patience);
            Volatile.Write(ref isArmed, false);
            (await bystander.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"], $"seed {seed}");
        }

        await bystander.Message('X', []).SendAsync();
        await host.NoSessionsAsync();
        // That is what the damage is; everything else would be a defect.
        host.Log.Errors.Where(e => !e.Contains("the database violated the protocol", StringComparison.Ordinal)).ShouldBeEmpty();
        host.Log.Clear();
    }

    private static void Write(RawClient client, Random random)
    {
        for (var i = random.Next(1, 15); i > 0; i--)
        {
            var text = Texts[random.Next(Texts.Length)];
            var name = random.Next(3) switch { 0 => "a", 1 => "b", _ => "" };
            switch (random.Next(11))
            {
                case 0 or 1:
                    client.Query(text);
                    break;
                case 2 or 3:
                    client.Parse(name, text).Bind("", name, text.Contains('$', StringComparison.Ordinal) ? ["x"] : []).Execute();
                    break;
                case 4:
                    client.DescribeStatement(name);
                    break;
                case 5:
                    client.Execute(name, random.Next(3));
                    break;
                case 6:
                    client.Message('d', "fuzzed\n"u8);
                    break;
                case 7:
                    client.Message(random.Next(2) == 0 ? 'c' : 'f', random.Next(2) == 0 ? [] : "no\0"u8);
                    break;
                case 8:
                    client.Call((uint)random.Next(860, 880), "X");
                    break;
                case 9:
                    Close.Write(client.Out, random.Next(2) == 0 ? TargetKind.Portal : TargetKind.Statement, Encoding.UTF8.GetBytes(name));
                    break;
                default:
                    client.Sync();
                    break;
            }
        }

        client.Sync();
    }
}
