using System.Collections.Immutable;
using System.Text.Json;
using Weir.Cli.Documents;
using Weir.Policy.Access;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using Weir.Policy.Snapshots;
using Weir.Sql.Analysis;

namespace Weir.Cli.Policies;

/// <summary>Documents compiled as an agent compiles them, for one principal on one connection.</summary>
internal sealed class OfflinePolicy
{
    // Deterministic masks need a key; no value is masked here.
    private static readonly byte[] NoMaskingKey = new byte[32];

    private readonly SessionPolicy? _session;
    private readonly DateTimeOffset _at;
    private readonly string _refusal;

    private OfflinePolicy(SessionPolicy? session, string connection, AccessLevel level, string principal, DateTimeOffset at)
    {
        _session = session;
        Connection = connection;
        Level = level;
        _at = at;
        _refusal = $"no access rule gives {principal} access to {connection}: there is no session at all";
    }

    public string Connection { get; }

    public AccessLevel Level { get; }

    /// <param name="connection">Null for the only one of the documents.</param>
    /// <param name="access">Null for what the access rules give; admin where there are none.</param>
    /// <exception cref="CommandFailure">A document is wrong, or the connection is not clear.</exception>
    public static OfflinePolicy Create(IReadOnlyList<SourceDocument> sources, string? connection, Principal principal, AccessLevel? access, DateTimeOffset at)
    {
        var documents = Read(sources);
        var connections = documents.OfType<ConnectionDocument>().ToList();
        var chosen = connection ?? connections switch
        {
            [] => "test",
            [var only] => only.Metadata.Name,
            _ => throw new CommandFailure($"say which with --connection: {string.Join(", ", connections.Select(c => c.Metadata.Name))}", ExitCodes.Usage),
        };
        if (connections.Count == 0)
        {
            documents.Add(Placeholder(chosen));
        }
        else if (connections.All(c => c.Metadata.Name != chosen))
        {
            throw new CommandFailure($"the documents hold no connection \"{chosen}\": {string.Join(", ", connections.Select(c => c.Metadata.Name))}", ExitCodes.Usage);
        }

        CompiledPolicy policy;
        try
        {
            policy = CompiledPolicy.Compile(new PolicySnapshot(Guid.Empty, 1, at, [.. documents], PolicySettings.Default, default), NoMaskingKey);
        }
        catch (PolicyCompilationException e)
        {
            throw new CommandFailure(e.Message, ExitCodes.Usage);
        }

        var right = policy.RightOf(principal, chosen, [], at);
        if (access is { } level || !documents.Any(d => d is AccessRuleDocument))
        {
            right = right with { Level = access ?? AccessLevel.Admin };
        }

        return new(right.Level == AccessLevel.None ? null : policy.ForSession(principal, chosen, right), chosen, right.Level, principal.Name, at);
    }

    /// <summary>What a session would have been told.</summary>
    public Decision Judge(AnalysisOutcome outcome, string text)
    {
        if (_session is null)
        {
            return Refuse(ReasonSource.AccessLevel, "none", _refusal);
        }

        return outcome switch
        {
            AnalysisOutcome.Analyzed analyzed => _session.Decide(analyzed.Script, text, _at),
            AnalysisOutcome.SyntaxFault fault => Refuse(ReasonSource.Gateway, "syntax", $"{fault.Message} (SQLSTATE {fault.SqlState}{(fault.Position > 0 ? $", character {fault.Position}" : "")})"),
            AnalysisOutcome.Refused refused => Refuse(ReasonSource.Gateway, "gateway", refused.Reason),
            _ => Refuse(ReasonSource.Gateway, "gateway", "unknown analysis"),
        };
    }

    private static List<PolicyDocument> Read(IReadOnlyList<SourceDocument> sources)
    {
        var documents = new List<PolicyDocument>();
        var faults = new List<string>();
        foreach (var source in sources)
        {
            using var json = JsonDocument.Parse(source.Content.ToJsonString());
            if (DocumentReader.TryRead(json.RootElement, out var document, out var wrong))
            {
                documents.Add(document);
            }
            else
            {
                faults.AddRange(wrong.Select(f => $"{source.Label}: {(f.Path.Length == 0 ? "" : f.Path + ": ")}{f.Message}"));
            }
        }

        return faults.Count == 0 ? documents : throw new CommandFailure(string.Join("\nweir: ", faults), ExitCodes.Usage);
    }

    private static ConnectionDocument Placeholder(string name)
    {
        using var json = JsonDocument.Parse($$"""
            { "apiVersion": "weir/v1", "kind": "Connection", "metadata": { "name": {{System.Text.Json.Nodes.JsonValue.Create(name).ToJsonString()}} },
              "spec": { "protocol": "postgres", "agents": { "names": ["test"] }, "upstream": { "host": "localhost", "port": 5432, "database": "test", "user": "test", "password": { "env": "NONE" } } } }
            """);
        return DocumentReader.TryRead(json.RootElement, out var document, out var faults)
            ? (ConnectionDocument)document
            : throw new CommandFailure($"--connection: {faults[0].Message}", ExitCodes.Usage);
    }

    private static Decision Refuse(ReasonSource source, string rule, string message) =>
        new(Verdict.Deny, ImmutableArray.Create(new DecisionReason(source, rule, Verdict.Deny, message, null)), null, [], ReadOnlyMemory<byte>.Empty);
}
