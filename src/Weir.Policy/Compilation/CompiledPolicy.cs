using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Detection;
using Weir.Policy.Documents;
using Weir.Policy.Masking;
using Weir.Policy.Patterns;
using Weir.Policy.Snapshots;

namespace Weir.Policy.Compilation;

/// <summary>A snapshot made ready to decide: indexed rules, prepared maskers. Immutable; swapped whole.</summary>
public sealed class CompiledPolicy
{
    // Principals come and go with credentials; what is remembered about them is bounded.
    private const int MaxSessions = 10_000;

    private readonly FrozenDictionary<string, ConnectionDocument> _connections;
    private readonly ImmutableArray<CompiledRule> _rules;
    private readonly ImmutableArray<GuardrailDocument> _budgets;
    private readonly ImmutableArray<(MaskingRuleDocument Document, ImmutableArray<NamePattern> Columns)> _masking;
    private readonly ImmutableArray<StandingRule> _access;
    private readonly MaskerFactory _maskers;
    private readonly ConcurrentDictionary<string, SessionPolicy> _sessions = new(StringComparer.Ordinal);

    private CompiledPolicy(PolicySnapshot snapshot, ReadOnlyMemory<byte> maskingKey)
    {
        Snapshot = snapshot;
        var faults = ImmutableArray.CreateBuilder<DocumentFault>();
        var connections = new Dictionary<string, ConnectionDocument>(StringComparer.Ordinal);
        var rules = ImmutableArray.CreateBuilder<CompiledRule>();
        var masking = ImmutableArray.CreateBuilder<(MaskingRuleDocument, ImmutableArray<NamePattern>)>();
        foreach (var document in snapshot.Documents)
        {
            try
            {
                Compile(document, connections, rules, masking);
            }
            catch (FormatException e)
            {
                faults.Add(new DocumentFault($"{document.Kind}/{document.Metadata.Name}", e.Message));
            }
        }

        if (faults.Count > 0)
            throw new PolicyCompilationException(faults.ToImmutable());
        _connections = connections.ToFrozenDictionary(StringComparer.Ordinal);
        _rules = [.. rules.OrderBy(r => r.Name, StringComparer.Ordinal)];
        _budgets = [.. snapshot.Documents.OfType<GuardrailDocument>().Where(g => g is { Budget: not null, Shadow: false }).OrderBy(g => g.Metadata.Name, StringComparer.Ordinal)];
        _masking = masking.ToImmutable();
        _access = [.. snapshot.Documents.OfType<AccessRuleDocument>().Where(r => r.Mode == AccessMode.Standing).Select(r => new StandingRule(r))];
        _maskers = new MaskerFactory(maskingKey);
    }

    public long Version => Snapshot.Version;

    public PolicySnapshot Snapshot { get; }

    /// <param name="maskingKey">Key of the deterministic masks (hash, format); 32 bytes.</param>
    /// <exception cref="PolicyCompilationException">Some document can't be compiled; nothing may be applied.</exception>
    public static CompiledPolicy Compile(PolicySnapshot snapshot, ReadOnlyMemory<byte> maskingKey) => new(snapshot, maskingKey);

    /// <summary>The connection of that name, or null when this agent does not serve one.</summary>
    public ConnectionDocument? FindConnection(string name) => _connections.GetValueOrDefault(name);

    /// <summary>The right that standing rules and live grants give now; level None when there is none: no session then.</summary>
    public AccessRight RightOf(Principal principal, string connection, ReadOnlySpan<Grant> grants, DateTimeOffset now)
    {
        if (FindConnection(connection) is not { } document)
            return new AccessRight(AccessLevel.None, Effects.None, null, null);
        var standing = _access.Where(r => r.Concerns(principal, document)).ToList();
        var level = StandingRule.LevelAt(standing, now);
        var until = StandingRule.EndOf(standing, level, now);

        // A grant counts where it gives more than the standing rules; among equal ones the longest.
        Grant? best = null;
        foreach (var grant in grants)
        {
            bool isLive = grant.PrincipalId == principal.Id && grant.Connection == connection && (grant.EndsAt is null || grant.EndsAt > now);
            if (!isLive || grant.Access <= level)
                continue;
            if (best is null || grant.Access > best.Access || (grant.Access == best.Access && (grant.EndsAt ?? DateTimeOffset.MaxValue) > (best.EndsAt ?? DateTimeOffset.MaxValue)))
                best = grant;
        }

        if (best is not null)
            (level, until) = (best.Access, best.EndsAt);
        return new AccessRight(level, level == AccessLevel.None ? Effects.None : AllowedByName(principal, document), until, best?.Id);
    }

    /// <summary>The rules that concern this principal on this connection; memoised.</summary>
    public SessionPolicy ForSession(Principal principal, string connection, AccessRight right)
    {
        var document = FindConnection(connection) ?? throw new ArgumentException("No such connection in this snapshot.", nameof(connection));
        string key = string.Join('\0', [connection, right.Level.ToString(), principal.Kind.ToString(), principal.Name, .. principal.Groups.Order(StringComparer.Ordinal)]);
        if (_sessions.TryGetValue(key, out var known))
            return known;
        if (_sessions.Count >= MaxSessions)
            _sessions.Clear();
        return _sessions.GetOrAdd(key, Build(principal, document, right));
    }

    /// <summary>Masking rules that name columns, apply to a connection, and match nothing of what its database holds: a rule that protects nothing must not be silent.</summary>
    /// <param name="columns">Every relation of the database and its columns.</param>
    public ImmutableArray<string> IdleMaskingRules(string connection, IEnumerable<(QualifiedName Relation, string Column)> columns)
    {
        if (FindConnection(connection) is not { } document)
            return [];
        var idle = _masking.Where(m => !m.Columns.IsEmpty && m.Document.Connections.Matches(document)).ToList();
        foreach (var (relation, column) in columns)
        {
            if (idle.Count == 0)
                break;
            idle.RemoveAll(m => m.Columns.Any(p => p.MatchesColumn(relation, column)));
        }

        return [.. idle.Select(m => m.Document.Metadata.Name).Order(StringComparer.Ordinal)];
    }

    /// <summary>The same by single columns: those that match nothing, as they are written, of rules that do match something else.</summary>
    public ImmutableArray<(string Rule, string Column)> IdleMaskedColumns(string connection, IReadOnlyCollection<(QualifiedName Relation, string Column)> columns)
    {
        if (FindConnection(connection) is not { } document)
            return [];
        var idle = ImmutableArray.CreateBuilder<(string, string)>();
        foreach (var (rule, patterns) in _masking)
        {
            if (!rule.Connections.Matches(document))
                continue;
            var unmatched = Enumerable.Range(0, patterns.Length).Where(i => !columns.Any(c => patterns[i].MatchesColumn(c.Relation, c.Column))).ToList();
            if (unmatched.Count < patterns.Length)
                idle.AddRange(unmatched.Select(i => (rule.Metadata.Name, rule.Columns[i])));
        }

        return idle.ToImmutable();
    }

    private static void Compile(
        PolicyDocument document,
        Dictionary<string, ConnectionDocument> connections,
        ImmutableArray<CompiledRule>.Builder rules,
        ImmutableArray<(MaskingRuleDocument, ImmutableArray<NamePattern>)>.Builder masking)
    {
        switch (document)
        {
            case ConnectionDocument connection:
                if (!connections.TryAdd(connection.Metadata.Name, connection))
                    throw new FormatException("the connection is there twice");
                break;
            case GuardrailDocument guardrail when RuleCompiler.Compile(guardrail) is { } rule:
                rules.Add(rule);
                break;
            case GuardrailPackDocument pack:
                rules.AddRange(RuleCompiler.Compile(pack));
                break;
            case MaskingRuleDocument rule:
                masking.Add((rule, [.. rule.Columns.Select(Pattern)]));
                break;
        }
    }

    private static NamePattern Pattern(string text)
        => NamePattern.TryParse(text, 3, 3, out var pattern, out string? fault) ? pattern : throw new FormatException($"'{text}' {fault}");

    private Effects AllowedByName(Principal principal, ConnectionDocument connection)
    {
        var effects = Effects.None;
        foreach (var rule in _rules)
        {
            bool names = rule is { Verdict: Verdict.Allow, IsShadow: false } && (rule.When.Effects & AccessLevels.ByNameOnly) != 0;
            if (names && rule.Connections.Matches(connection) && rule.Principals.Matches(principal))
                effects |= rule.When.Effects & AccessLevels.ByNameOnly;
        }

        return effects;
    }

    private SessionPolicy Build(Principal principal, ConnectionDocument connection, AccessRight right)
    {
        var masking = _masking
            .Where(m => m.Document.Connections.Matches(connection) && m.Document.Principals.Matches(principal)
                && !m.Document.ExceptGroups.Any(g => principal.Groups.Contains(g)))
            .ToList();
        return new SessionPolicy(
            right,
            connection.Metadata.Name,
            [.. _rules.Where(r => r.Connections.Matches(connection) && r.Principals.Matches(principal))],
            [.. _budgets.Where(g => g.Connections.Matches(connection) && g.Principals.Matches(principal)).Select(g => new BudgetRule(g.Metadata.Name, g.Budget!, g.Review))],
            new MaskingRules(masking.Select(m => (MaskOf(m.Document, principal.Kind), m.Columns))),
            DetectorSet.Of(masking.SelectMany(m => m.Document.Detect)),
            _maskers);
    }

    private static ColumnMask MaskOf(MaskingRuleDocument rule, PrincipalKind kind)
        => new(
            rule.Metadata.Name,
            rule.Mask,
            rule.Use ?? (kind == PrincipalKind.AiAgent ? MaskedUse.Deny : MaskedUse.EqualityOnly),
            rule.Unprovable);
}
