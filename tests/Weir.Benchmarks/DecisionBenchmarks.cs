using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using BenchmarkDotNet.Attributes;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Detection;
using Weir.Policy.Documents;
using Weir.Policy.Masking;
using Weir.Policy.Snapshots;

namespace Weir.Benchmarks;

/// <summary>
/// What a decision costs when the verdict cache misses, with few rules and with a thousand, and what masks and detectors cost per value.
/// 1,000 rules should cost what 10 do; redact and partial should allocate nothing.
/// </summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 10, 30, 0, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly MaskerFactory _maskers = new(new byte[32]);
    private readonly byte[] _card = "4929738560912345"u8.ToArray();
    private readonly byte[] _note = Encoding.UTF8.GetBytes("Order 17 was shipped on 2025-01-01 to the usual place; the customer asked for a call back after lunch.");
    private readonly byte[] _json = """{"dob":"1950-03-11","passport":"XQ0654321","address":{"street":"1 Hidden Lane","zip":"90210"},"prefs":{"theme":"dark","newsletter":true}}"""u8.ToArray();

    private ScriptAnalysis _select = null!;
    private ScriptAnalysis _update = null!;
    private SessionPolicy _policy = null!;
    private Masker _redact = null!;
    private Masker _partial = null!;
    private Masker _hash = null!;
    private Masker _format = null!;
    private DetectorSet _detectors = null!;

    [Params(10, 1_000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var documents = ImmutableArray.CreateBuilder<PolicyDocument>();
        documents.Add(new ConnectionDocument(
            Metadata("orders"),
            "postgres",
            new AgentSelector([], ImmutableSortedDictionary<string, string>.Empty),
            new UpstreamSpec("localhost", 5432, "orders", UpstreamTls.Prefer, null, "app", null, null)));
        for (int i = 0; i < Rules; i++)
        {
            var when = GuardrailConditions.None with { Effects = Effects.Update | Effects.Delete, Relations = [$"app{i}.table{i}*"] };
            documents.Add(new GuardrailDocument(Metadata($"rule-{i}"), ConnectionSelector.All, PrincipalSelector.All, when, GuardrailAction.Deny, null, null, 0, null, false));
        }

        var snapshot = new PolicySnapshot(Guid.Empty, 1, Now, documents.ToImmutable(), PolicySettings.Default, default);
        var principal = new Principal(Guid.Empty, "ada", PrincipalKind.User, ["engineers"]);
        _policy = CompiledPolicy.Compile(snapshot, new byte[32]).ForSession(principal, "orders", new AccessRight(AccessLevel.Admin, Effects.None, null, null));
        var orders = new QualifiedName("public", "orders");
        _select = new ScriptAnalysis([new StatementAnalysis { Command = "SELECT", Effects = Effects.Read, Relations = [new RelationReference([orders], 1, Effects.Read)] }]);
        _update = new ScriptAnalysis([new StatementAnalysis
        {
            Command = "UPDATE",
            Effects = Effects.Update | Effects.Read,
            Relations = [new RelationReference([new QualifiedName("app7", "table7")], 1, Effects.Update)],
        }]);
        _redact = _maskers.Of(new MaskSpec(MaskKind.Redact));
        _partial = _maskers.Of(new MaskSpec(MaskKind.Partial, KeepLast: 4));
        _hash = _maskers.Of(new MaskSpec(MaskKind.Hash));
        _format = _maskers.Of(new MaskSpec(MaskKind.Format));
        _detectors = DetectorSet.Of(Enum.GetValues<Detector>());
    }

    [Benchmark]
    public Decision DecideSelect() => _policy.Decide(_select, "", Now);

    [Benchmark]
    public Decision DecideUpdateThatMatchesOneRule() => _policy.Decide(_update, "", Now);

    [Benchmark]
    public MaskResult RedactText() => Run(_redact, _card, ValueKind.Text);

    [Benchmark]
    public MaskResult PartialText() => Run(_partial, _card, ValueKind.Text);

    [Benchmark]
    public MaskResult HashText() => Run(_hash, _card, ValueKind.Text);

    [Benchmark]
    public MaskResult FormatText() => Run(_format, _card, ValueKind.Text);

    [Benchmark]
    public MaskResult RedactJson() => Run(_redact, _json, ValueKind.Json);

    [Benchmark]
    public bool DetectInHarmlessText()
    {
        _output.ResetWrittenCount();
        return _detectors.TryMask(_note, _output);
    }

    private MaskResult Run(Masker masker, byte[] value, ValueKind kind)
    {
        _output.ResetWrittenCount();
        return masker.Mask(value, kind, _output);
    }

    private static DocumentMetadata Metadata(string name) => new(name, ImmutableSortedDictionary<string, string>.Empty);
}
