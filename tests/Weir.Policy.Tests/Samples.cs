using System.Collections.Immutable;
using System.Text.Json;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;
using Weir.Policy.Snapshots;

namespace Weir.Policy.Tests;

/// <summary>Policies and statements to judge, briefly written.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 10, 30, 0, TimeSpan.Zero); // a Wednesday

    public static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static readonly Principal Ada = new(Guid.Parse("11111111-1111-1111-1111-111111111111"), "ada@example.com", PrincipalKind.User, ["engineers"]);

    public static readonly Principal Bot = new(Guid.Parse("22222222-2222-2222-2222-222222222222"), "bot", PrincipalKind.AiAgent, [], "ada@example.com");

    public const string Connection = """{"apiVersion":"weir/v1","kind":"Connection","metadata":{"name":"orders","labels":{"env":"prod"}},"spec":{"protocol":"postgres","agents":{"names":["a"]},"upstream":{"host":"h","database":"orders","user":"u"}}}""";

    public static PolicyDocument Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        DocumentReader.TryRead(document.RootElement, out var read, out var faults).ShouldBeTrue(string.Join("; ", faults));
        return read!;
    }

    public static PolicyDocument Document(string kind, string name, string spec)
        => Read($$"""{"apiVersion":"weir/v1","kind":"{{kind}}","metadata":{"name":"{{name}}"},"spec":{{spec}}}""");

    public static PolicyDocument Guardrail(string name, string spec) => Document("Guardrail", name, spec);

    public static PolicyDocument MaskingRule(string name, string spec) => Document("MaskingRule", name, spec);

    public static CompiledPolicy Compile(params IEnumerable<PolicyDocument> documents)
        => CompiledPolicy.Compile(new PolicySnapshot(Guid.Empty, 1, Now, [Read(Connection), .. documents], PolicySettings.Default, default), Key);

    public static SessionPolicy Session(AccessLevel level, params IEnumerable<PolicyDocument> documents) => Session(Ada, level, documents);

    public static SessionPolicy Session(Principal principal, AccessLevel level, params IEnumerable<PolicyDocument> documents)
        => Compile(documents).ForSession(principal, "orders", new AccessRight(level, Effects.None, null, null));

    public static ScriptAnalysis Script(params ImmutableArray<StatementAnalysis> statements) => new(statements);

    public static QualifiedName Name(string text)
    {
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? new QualifiedName("", text) : new QualifiedName(text[..dot], text[(dot + 1)..]);
    }

    public static RelationReference On(Effects effects, params string[] candidates) => new([.. candidates.Select(Name)], 16_400, effects);

    public static StatementAnalysis Statement(string command, Effects effects, params ImmutableArray<RelationReference> relations)
        => new() { Command = command, Effects = effects, Relations = relations };

    public static StatementAnalysis Select(params string[] relations)
        => Statement("SELECT", Effects.Read, [.. relations.Select(r => On(Effects.Read, r))]) with { ResultColumns = [] };

    public static StatementAnalysis Delete(string relation, RowLimit limit = RowLimit.Limited)
        => Statement("DELETE", Effects.Delete | Effects.Read, On(Effects.Delete, relation)) with { RowLimit = limit };

    public static FunctionReference Function(string name, bool mayWrite = false)
        => new([Name(name)], mayWrite ? FunctionVolatility.Volatile : FunctionVolatility.Stable, mayWrite, false);

    public static ColumnReference Column(string relation, string column, ColumnUse use, params (string Relation, string Column)[] comparedWith)
        => new([Name(relation)], column, use, [.. comparedWith.Select(c => (Name(c.Relation), c.Column))]);

    public static ResultColumn Result(string relation, string column, bool isIdentity = true)
        => new(column, [new ColumnSource(Name(relation), 0, column)], true, isIdentity);
}
