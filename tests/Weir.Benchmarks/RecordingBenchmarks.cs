using BenchmarkDotNet.Attributes;
using Weir.Agent.Configuration;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;

namespace Weir.Benchmarks;

/// <summary>What recording costs per query: statement, one small row, finish. The hash alone is measured beside it, for it is most of the price.</summary>
[MemoryDiagnoser]
public class RecordingBenchmarks
{
    private static readonly byte[] Row = [(byte)'D', 0, 0, 0, 50, .. new byte[46]];
    private static readonly byte[] Source = [0, 0, 0, 7];
    private static readonly RecordedParameter[] Parameters = [new(0, 4, false, true, 23)];
    private static readonly byte[] Event = new byte[250];

    private string _directory = "";
    private Spool _spool = null!;
    private SpoolFlusher _flusher = null!;
    private SpoolReader _reader = null!;
    private ISessionRecording _recording = null!;
    private StatementTemplate _template = null!;
    private long _statement;

    [GlobalSetup]
    public void Setup()
    {
        _directory = Directory.CreateTempSubdirectory("weir-bench-").FullName;
        _spool = Spool.Open(_directory, 256L * 1024 * 1024);
        _reader = new SpoolReader(_spool);

        // As if a control plane confirmed everything at once.
        _spool.BecameDurable += () =>
        {
            while (_reader.Read(1024 * 1024) is { } batch)
                _spool.Acknowledge(batch.EndPosition);
        };
        _flusher = new SpoolFlusher(_spool, SpoolDurability.Group);
        var recorder = new Recorder(_spool, SpoolDurability.Group, new PolicyHolder(TimeProvider.System), Guid.NewGuid(), Guid.NewGuid(), TimeProvider.System);
        _recording = recorder.TryOpen(new SessionStart
        {
            SessionId = Guid.NewGuid(),
            Principal = new Principal(Guid.NewGuid(), "ada@example.com", PrincipalKind.User, []),
            Connection = "orders",
            CredentialId = "c",
            ClientAddress = "127.0.0.1",
            SnapshotVersion = 1,
        })!;
        _template = StatementTemplate.Create(
            "SELECT abalance FROM pgbench_accounts WHERE aid = $1"u8, Verdict.Allow, [], Effects.Read,
            [new RelationReference([new QualifiedName("public", "pgbench_accounts")], 1, Effects.Read)], 1, isExtended: true, "SELECT");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _flusher.Dispose();
        _reader.Dispose();
        _spool.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public bool Query()
    {
        _statement++;
        var taken = _recording.TryStatement(_statement, _template, new ParameterList(Source, Parameters));
        _recording.Rows(_statement, Row);
        _recording.Finished(_statement, new StatementOutcome { Status = StatementStatus.Ok, CommandTag = "SELECT 1"u8, Rows = 1 });
        return taken;
    }

    [Benchmark]
    public void HashOfOneEvent()
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(Event, hash);
    }
}
