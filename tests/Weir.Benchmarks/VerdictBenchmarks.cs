using System.Collections.Immutable;
using System.Text;
using BenchmarkDotNet.Attributes;
using Weir.Agent.Sessions;
using Weir.Agent.Sessions.Judging;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;
using Weir.Policy.Snapshots;
using Weir.Sql.Analysis;
using Weir.Sql.Parsing;

namespace Weir.Benchmarks;

/// <summary>
/// What the verdict on a statement costs when the cache has its text, when it has its shape with other constants, and when it has to be parsed, analysed and decided,
/// under 10 rules and under a thousand. Without a catalog: resolving names in one costs a few look-ups more.
/// </summary>
[MemoryDiagnoser]
public class VerdictBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 10, 30, 0, TimeSpan.Zero);

    private readonly byte[][] _others = new byte[64][];
    private PostgresParser _parser = null!;
    private Judge _judge = null!;
    private JudgementCache _cache = null!;
    private byte[] _text = [];
    private byte[] _long = [];
    private Judgement? _spare;
    private int _next;

    [Params(10, 1_000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _parser = new PostgresParser(new ParserLimits { Deadline = TimeSpan.FromSeconds(10) });
        var documents = ImmutableArray.CreateBuilder<PolicyDocument>();
        documents.Add(new ConnectionDocument(
            Metadata("orders"), "postgres", new AgentSelector([], ImmutableSortedDictionary<string, string>.Empty), new UpstreamSpec("localhost", 5432, "orders", UpstreamTls.Prefer, null, "app", null, null)));
        for (int i = 0; i < Rules; i++)
        {
            var when = GuardrailConditions.None with { Effects = Effects.Update | Effects.Delete, Relations = [$"app{i}.table{i}*"] };
            documents.Add(new GuardrailDocument(Metadata($"rule-{i}"), ConnectionSelector.All, PrincipalSelector.All, when, GuardrailAction.Deny, null, null, 0, null, false));
        }

        var snapshot = new PolicySnapshot(Guid.Empty, 1, Now, documents.ToImmutable(), PolicySettings.Default, default);
        var policy = CompiledPolicy.Compile(snapshot, new byte[32]).ForSession(new Principal(Guid.Empty, "ada", PrincipalKind.User, ["engineers"]), "orders", new AccessRight(AccessLevel.Admin, Effects.None, null, null));
        var context = new AnalysisContext(null, ["public"], "app", TemporaryObjects.None, 180000);
        _judge = new Judge(new StatementAnalyzer(_parser), policy, context, 1, AccessLevel.Admin, "weir:ada/0", Now);
        _text = "select id, name from pg_catalog.pg_proc where pronamespace = 17 and proname = 'x'"u8.ToArray();
        for (int i = 0; i < _others.Length; i++)
            _others[i] = Encoding.UTF8.GetBytes($"select oid, relname from pg_catalog.pg_class where oid = {i + 1000}");
        _long = Encoding.UTF8.GetBytes("insert into orders (id, name, amount) values " + string.Join(", ", Enumerable.Range(0, 400).Select(i => $"({i}, 'name {i}', {i}.50)")));
        _cache = new JudgementCache();
        _cache.Store(_judge.Make(_text));
        _cache.Store(_judge.Make(_others[0]));
        if (_cache.Find(_text, null) is null)
            throw new InvalidOperationException("The cache does not hold what it is measured with.");
    }

    [GlobalCleanup]
    public void CleanUp() => _parser.Dispose();

    [Benchmark]
    public object? HitOfTheText() => _cache.Find(_text, null);

    /// <summary>Null where the catalog is not there to prove that the shape is enough; then it is a look-up that fails.</summary>
    [Benchmark]
    public object? LookUpByShape() => _spare = _cache.Find(_others[_next++ & 63], _spare);

    [Benchmark]
    public object Miss() => _judge.Make(_text);

    [Benchmark]
    public object MissOf10Kilobytes() => _judge.Make(_long);

    private static DocumentMetadata Metadata(string name) => new(name, ImmutableSortedDictionary<string, string>.Empty);
}
