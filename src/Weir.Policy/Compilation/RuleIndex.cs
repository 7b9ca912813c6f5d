using System.Collections.Immutable;
using System.Numerics;
using Weir.Policy.Analysis;
using Weir.Policy.Patterns;

namespace Weir.Policy.Compilation;

/// <summary>
/// Finds the rules that may match a statement by the most telling condition of each: relation, function, column, setting, else effect.
/// A thousand rules about other tables cost nothing.
/// </summary>
internal sealed class RuleIndex
{
    private readonly ImmutableArray<CompiledRule> _rules;
    private readonly int _words;
    private readonly PatternIndex _relations;
    private readonly PatternIndex _functions;
    private readonly PatternIndex _columns;
    private readonly ulong[] _byRelation;
    private readonly ulong[] _byColumn;
    private readonly ulong[] _bySetting;
    private readonly ulong[] _always;
    private readonly ulong[]?[] _byEffect = new ulong[]?[32];

    public RuleIndex(ImmutableArray<CompiledRule> rules)
    {
        _rules = rules;
        _words = (rules.Length + 63) / 64;
        _byRelation = new ulong[_words];
        _byColumn = new ulong[_words];
        _bySetting = new ulong[_words];
        _always = new ulong[_words];
        var relations = new List<(NamePart, int)>();
        var functions = new List<(NamePart, int)>();
        var columns = new List<(NamePart, int)>();
        for (int i = 0; i < rules.Length; i++)
        {
            var when = rules[i].When;
            if (!when.Relations.IsEmpty)
            {
                relations.AddRange(when.Relations.Select(p => (p.Last, i)));
                Set(_byRelation, i);
            }
            else if (!when.Functions.IsEmpty)
            {
                functions.AddRange(when.Functions.Select(p => (p.Last, i)));
            }
            else if (!when.Columns.IsEmpty)
            {
                columns.AddRange(when.Columns.Select(p => (p.Last, i)));
                Set(_byColumn, i);
            }
            else if (!when.Settings.IsEmpty)
            {
                Set(_bySetting, i);
            }
            else if (when.Effects != 0)
            {
                for (uint bits = (uint)when.Effects; bits != 0; bits &= bits - 1)
                    Set(_byEffect[BitOperations.TrailingZeroCount(bits)] ??= new ulong[_words], i);
            }
            else
            {
                Set(_always, i);
            }
        }

        _relations = new PatternIndex(relations);
        _functions = new PatternIndex(functions);
        _columns = new PatternIndex(columns);
    }

    /// <summary>Calls back for every rule that may match, in the order of the rules.</summary>
    public void Visit(StatementFacts facts, Action<CompiledRule> visit)
    {
        if (_words == 0)
            return;
        Span<ulong> found = _words <= 64 ? stackalloc ulong[_words] : new ulong[_words];
        _always.CopyTo(found);
        var statement = facts.Statement;
        Collect(statement, facts.OnRelations, found);
        for (int word = 0; word < found.Length; word++)
        {
            for (ulong bits = found[word]; bits != 0; bits &= bits - 1)
                visit(_rules[(word << 6) + BitOperations.TrailingZeroCount(bits)]);
        }
    }

    private void Collect(StatementAnalysis statement, Effects onRelations, Span<ulong> found)
    {
        for (uint bits = (uint)statement.Effects; bits != 0; bits &= bits - 1)
        {
            if (_byEffect[BitOperations.TrailingZeroCount(bits)] is { } rules)
                Or(rules, found);
        }

        foreach (var relation in statement.Relations)
        {
            foreach (var candidate in relation.Candidates)
                _relations.Collect(candidate.Name, found);
        }

        // A write whose relation is not known may concern every rule about relations.
        if ((statement.Effects & RuleConditions.RowWrites & ~onRelations) != 0)
            Or(_byRelation, found);
        foreach (var function in statement.Functions)
        {
            foreach (var candidate in function.Candidates)
                _functions.Collect(candidate.Name, found);
        }

        if (!statement.Settings.IsEmpty)
            Or(_bySetting, found);
        CollectColumns(statement, found);
    }

    private void CollectColumns(StatementAnalysis statement, Span<ulong> found)
    {
        bool all = !statement.IsLineageProvable || statement.ReadsOpaqueSource;
        foreach (var column in statement.Columns)
        {
            all |= column.Column == "*";
            _columns.Collect(column.Column, found);
        }

        if (!statement.ResultColumns.IsDefault)
        {
            foreach (var column in statement.ResultColumns)
            {
                all |= !column.IsProvable;
                foreach (var source in column.Sources)
                {
                    all |= source.Column == "*";
                    _columns.Collect(source.Column, found);
                }
            }
        }

        if (all)
            Or(_byColumn, found);
    }

    private static void Set(ulong[] words, int rule) => words[rule >> 6] |= 1UL << (rule & 63);

    private static void Or(ulong[] from, Span<ulong> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] |= from[i];
    }
}
