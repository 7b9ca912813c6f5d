using System.Collections.Immutable;
using System.Text;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;
using Weir.Policy.Snapshots;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>Documents of a policy, written as they stand in a snapshot, and their compilation.</summary>
internal sealed class TestPolicy
{
    private readonly List<PolicyDocument> _documents = [];

    public string ConsoleUrl { get; init; } = "https://weir.example.com";

    /// <summary>Access for everybody, nothing else.</summary>
    public static TestPolicy Open(string access = "write") => new TestPolicy().Access(access);

    /// <summary>Like the quickstart's: masked card and social security numbers, no destructive DDL.</summary>
    public static TestPolicy Sample(string access = "write") => Open(access).Masks().NoDestructiveDdl();

    public TestPolicy Access(string access) => Add("AccessRule", "everybody", $$"""{"access":"{{access}}","mode":"standing"}""");

    public TestPolicy Masks() => Add(
        "MaskingRule", "card-numbers", """{"columns":["*.*.credit_card"],"mask":{"partial":{"keepLast":4}},"use":"allow"}""")
        .Add("MaskingRule", "social-security-numbers", """{"columns":["*.*.ssn"],"mask":"redact","use":"allow"}""");

    public TestPolicy NoDestructiveDdl() => Add(
        "Guardrail", "no-destructive-ddl", """{"when":{"effects":["drop","truncate"]},"action":"deny","message":"Ship a migration instead."}""");

    public TestPolicy ReviewUnboundedWrites() => Add(
        "Guardrail",
        "unbounded-writes",
        """{"when":{"effects":["update","delete"],"withoutWhere":true},"action":"review","review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m"},"message":"This changes every row."}""");

    public TestPolicy Budget(string name, string budget) => Add("Guardrail", name, $$"""{"budget":{{budget}}}""");

    public TestPolicy Add(string kind, string name, string spec)
    {
        DocumentReader.TryRead(kind, name, [], Encoding.UTF8.GetBytes(spec), out var read, out var faults).ShouldBeTrue(string.Join("; ", faults));
        _documents.RemoveAll(d => d.Kind == kind && d.Metadata.Name == name);
        _documents.Add(read!);
        return this;
    }

    public TestPolicy Without(string kind, string name)
    {
        _documents.RemoveAll(d => d.Kind == kind && d.Metadata.Name == name);
        return this;
    }

    public CompiledPolicy Compile(long version, PolicyDocument connection)
    {
        var settings = PolicySettings.Default with { ConsoleUrl = ConsoleUrl };
        var snapshot = new PolicySnapshot(Guid.Empty, version, DateTimeOffset.UtcNow, [connection, .. _documents], settings, new byte[32]);
        return CompiledPolicy.Compile(snapshot, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    }
}
