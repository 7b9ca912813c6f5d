using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Predicates;

/// <summary>
/// Whether conditions really limit a relation's rows. Nothing is taken for a limit because it is not a tautology: a relation is limited only when the
/// conditions require, all of them together, that one of its columns equals a constant, a parameter, one of a short list, or a value of a relation that
/// is limited itself. Inequalities, patterns, NULL tests, functions of columns and one-sided ranges limit nothing.
/// </summary>
internal sealed class PredicateJudge(Walk walk, Scope scope)
{
    private const int MaxAlternatives = 100;
    private const int MaxNesting = 4;

    private readonly ColumnReader _columns = new(walk, scope);

    /// <param name="target">The relation whose rows are changed.</param>
    /// <param name="from">The other items of FROM or USING; the conditions of their inner joins count too.</param>
    /// <param name="source">The source of a MERGE.</param>
    /// <param name="conditions">All of them hold for every changed row.</param>
    public bool Limits(ScopeRelation target, SqlNodeList from, SqlNode source, ImmutableArray<SqlNode> conditions) =>
        Limits([target], Gathered(from, source, conditions), 0);

    /// <summary>Whether every relation of the FROM list is limited.</summary>
    public bool LimitsAll(SqlNodeList from, ImmutableArray<SqlNode> conditions) =>
        Limits([.. scope.Relations.Where(r => !r.IsQualifiedOnly)], Gathered(from, default, conditions), 0);

    private Conditions Gathered(SqlNodeList from, SqlNode source, ImmutableArray<SqlNode> conditions)
    {
        var gathered = new Conditions(walk, _columns);
        foreach (SqlNode item in from)
            gathered.AddJoins(item);
        if (source.Exists)
            gathered.AddJoins(source);
        foreach (SqlNode condition in conditions)
            gathered.Require(condition, isNegated: false);
        return gathered;
    }

    private bool Limits(IReadOnlyCollection<ScopeRelation> wanted, Conditions conditions, int nesting)
    {
        walk.Run.Step();
        if (conditions.IsNeverTrue || wanted.Count == 0)
            return true;
        HashSet<ScopeRelation> pinned = Pinned(conditions, wanted);
        if (wanted.All(pinned.Contains))
            return true;
        if (nesting >= MaxNesting)
            return false;

        // Of alternatives, each must limit, together with what is required beside them.
        foreach (var (alternatives, isNegated) in conditions.Alternatives)
        {
            if (alternatives.Count > MaxAlternatives)
                continue;
            if (alternatives.All(a => Limits(wanted, conditions.With(a, isNegated, except: alternatives), nesting + 1)))
                return true;
        }

        return false;
    }

    /// <summary>The relations that are limited: those that are by themselves, and those whose columns equal what is known or comes from limited ones.</summary>
    private static HashSet<ScopeRelation> Pinned(Conditions conditions, IReadOnlyCollection<ScopeRelation> wanted)
    {
        var pinned = new HashSet<ScopeRelation>();
        var candidates = conditions.Pins.SelectMany(p => p.Needs.Append(p.Column)).Concat(wanted).ToHashSet();
        foreach (ScopeRelation relation in candidates)
        {
            if (relation.IsBounded())
                pinned.Add(relation);
        }

        bool grew = true;
        while (grew)
        {
            grew = false;
            foreach (Pin pin in conditions.Pins)
            {
                if (!pinned.Contains(pin.Column) && pin.Needs.All(pinned.Contains))
                    grew |= pinned.Add(pin.Column);
            }
        }

        return pinned;
    }
}
