using System.Collections.Concurrent;
using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Policy.Documents;
using Weir.Policy.Masking;
using Weir.Policy.Patterns;

namespace Weir.Policy.Compilation;

/// <summary>The masking rules of one session, indexed by column.</summary>
internal sealed class MaskingRules
{
    // Names come from the catalog, but ambiguous ones also from clients: the memory of answers is bounded.
    private const int MaxRemembered = 20_000;

    private readonly ImmutableArray<(ColumnMask Mask, ImmutableArray<NamePattern> Columns)> _rules;
    private readonly PatternIndex _byColumn;
    private readonly PatternIndex _byRelation;
    private readonly ConcurrentDictionary<(QualifiedName Relation, string Column), ColumnMask?> _remembered = new();

    public MaskingRules(IEnumerable<(ColumnMask Mask, ImmutableArray<NamePattern> Columns)> rules)
    {
        _rules = [.. rules.OrderBy(r => r.Mask.Rule, StringComparer.Ordinal)];
        var byColumn = new List<(NamePart, int)>();
        var byRelation = new List<(NamePart, int)>();
        for (int i = 0; i < _rules.Length; i++)
        {
            byColumn.AddRange(_rules[i].Columns.Select(c => (c.Last, i)));
            byRelation.AddRange(_rules[i].Columns.Select(c => (c.Parts[1], i)));
        }

        _byColumn = new PatternIndex(byColumn);
        _byRelation = new PatternIndex(byRelation);
        var withColumns = _rules.Where(r => !r.Columns.IsEmpty).Select(r => r.Mask).ToList();
        Fallback = withColumns.Count == 0 ? null : Combine(withColumns) with { Spec = new MaskSpec(MaskKind.Redact) { IsOpaque = true } };
    }

    /// <summary>Some rule names columns.</summary>
    public bool IsEmpty => Fallback is null;

    /// <summary>What masks a value of which nothing is known; null when no rule names columns.</summary>
    public ColumnMask? Fallback { get; }

    /// <param name="column">A name, or <c>*</c> for any column of the relation.</param>
    public ColumnMask? MaskFor(QualifiedName relation, string column)
    {
        if (IsEmpty)
            return null;
        if (_remembered.TryGetValue((relation, column), out var known))
            return known;
        if (_remembered.Count >= MaxRemembered)
            _remembered.Clear();
        return _remembered[(relation, column)] = Find(relation, column);
    }

    /// <summary>The strictest of several masks: the mask that keeps least, the strictest use, the strictest treatment of the unprovable.</summary>
    public static ColumnMask Combine(IReadOnlyList<ColumnMask> masks)
    {
        var strictest = masks[0];
        var use = strictest.Use;
        var unprovable = strictest.Unprovable;
        for (int i = 1; i < masks.Count; i++)
        {
            if (Strictness(masks[i].Spec) > Strictness(strictest.Spec))
                strictest = masks[i];
            use = (MaskedUse)Math.Max((int)use, (int)masks[i].Use);
            unprovable = (UnprovableAction)Math.Max((int)unprovable, (int)masks[i].Unprovable);
        }

        return strictest.Use == use && strictest.Unprovable == unprovable ? strictest : strictest with { Use = use, Unprovable = unprovable };
    }

    private ColumnMask? Find(QualifiedName relation, string column)
    {
        int words = (_rules.Length + 63) / 64;
        Span<ulong> candidates = words <= 64 ? stackalloc ulong[words] : new ulong[words];
        candidates.Clear();
        if (column == "*")
            _byRelation.Collect(relation.Name, candidates);
        else
            _byColumn.Collect(column, candidates);

        List<ColumnMask>? found = null;
        for (int i = 0; i < _rules.Length; i++)
        {
            if ((candidates[i >> 6] & (1UL << (i & 63))) == 0)
                continue;
            foreach (var pattern in _rules[i].Columns)
            {
                if (!pattern.MatchesColumn(relation, column))
                    continue;
                (found ??= []).Add(_rules[i].Mask);
                break;
            }
        }

        return found is null ? null : Combine(found);
    }

    private static int Strictness(MaskSpec spec) => spec.Kind switch
    {
        MaskKind.Nullify => 6,
        MaskKind.Redact => 5,
        MaskKind.Format => 4,
        MaskKind.Hash => 3,
        MaskKind.Partial => 2,
        _ => 1,
    };
}
