using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Functions;

/// <summary>Expressions that the catalog holds: defaults, checks, policies. What they call, whoever touches their owner calls.</summary>
internal static class StoredExpressions
{
    public static Findings Check(Walk walk, string check, Scope? scope) =>
        Memo(walk, "check:" + check, () => Definitions.TryReadCheck(walk, check, node =>
        {
            Walk inner = Inner(walk);
            inner.Expressions.Value(node, scope ?? new Scope(null, null));
            return inner.Findings;
        }));

    public static Findings Expression(Walk walk, string expression) =>
        Memo(walk, "expression:" + expression, () => Definitions.TryReadExpression(walk, expression, node =>
        {
            Walk inner = Inner(walk);
            inner.Expressions.Value(node, new Scope(null, null));
            return inner.Findings;
        }));

    /// <summary>A default: the columns that its value comes from, if it reads any, are copied into each row that gets it.</summary>
    public static Findings Default(Walk walk, string expression) =>
        Memo(walk, "default:" + expression, () => Definitions.TryReadExpression(walk, expression, node =>
        {
            Walk inner = Inner(walk);
            inner.Findings.Use(inner.Expressions.Value(node, new Scope(null, null)), ColumnUse.CopiedTo);
            inner.Findings.CopiesUnproven = false;
            return inner.Findings;
        }));

    /// <summary>Several, with commas between them.</summary>
    public static Findings List(Walk walk, string expressions) => Expression(walk, $"ROW({expressions})");

    /// <summary>Names in the expression are columns of its owner, which tell nothing about effects.</summary>
    private static Walk Inner(Walk walk) => walk.ForDefinition(new VariableSet { IsOpen = true, Everything = Lineage.None });

    private static Findings Memo(Walk walk, string key, Func<Findings?> read)
    {
        CatalogSnapshot catalog = walk.Names.Catalog!;
        key = key + "\0" + walk.BodyNames.PathKey;
        if (catalog.Memo.TryGetValue(key, out object? known))
            return (Findings)known;
        Findings findings = read() ?? Unreadable();
        if (walk.Run.MayKeep())
            catalog.Memo[key] = findings;
        return findings;
    }

    private static Findings Unreadable()
    {
        var findings = new Findings();
        findings.Effect(Effects.Call);
        findings.Note("An expression of the catalog can't be read.");
        return findings;
    }
}
