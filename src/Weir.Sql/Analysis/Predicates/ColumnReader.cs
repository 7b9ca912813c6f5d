using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Predicates;

/// <summary>Tells which relations an operand of a condition depends on.</summary>
internal sealed class ColumnReader(Walk walk, Scope scope)
{
    private const uint Boolean = 16;
    private static readonly uint[] Integers = [20, 21, 23];
    private static readonly string[] FaithfulTypes = ["text", "varchar", "bpchar", "int2", "int4", "int8", "numeric", "uuid", "date", "citext"];
    private static readonly string[] FaithfulFunctions = ["lower", "upper", "btrim"];

    /// <summary>
    /// The relation of an operand that is a column, or a form of it that keeps different values mostly apart. Null for others, and for columns that a
    /// comparison hardly divides: booleans, system columns except ctid, constant columns of views.
    /// </summary>
    public ScopeRelation? Pinnable(SqlNode node)
    {
        node = Bare(node);
        if (!node.Is("ColumnRef") || Find(node) is not { Relation: { } relation } found)
            return null;
        if (FromWalker.IsSystemColumn(found.Name))
            return found.Name == "ctid" ? relation : null;
        if (found.Column is { } column)
        {
            if (column.Lineage.Type == Boolean)
                return null;
            if (relation.Catalog is { IsView: true } view && !(column.Lineage.IsIdentity && column.Lineage.Sources.Any(s => s.Relation != view.Name)))
                return null;
        }

        return relation;
    }

    /// <summary>A column of whole numbers.</summary>
    public (ScopeRelation, string)? Integer(SqlNode node) =>
        node.Is("ColumnRef") && Find(node) is { Relation: { } relation, Column: { } column } found && Integers.Contains(column.Lineage.Type) && Pinnable(node) is not null
            ? (relation, found.Name)
            : null;

    /// <summary>Adds the relations whose columns the operand uses. False when it is none that keeps still while the rows are looked through.</summary>
    public bool TryRelationsOf(SqlNode node, HashSet<ScopeRelation> needs)
    {
        walk.Run.Step();
        switch (node.Tag)
        {
            case "A_Const" or "ParamRef" or "SQLValueFunction":
                return true;
            case "TypeCast" or "CollateClause":
                return TryRelationsOf(node.Child("arg"), needs);
            case "ColumnRef":
                if (Find(node) is not { } found)
                    return walk.Variables is not null && IsVariable(node);
                if (found.Relation is null)
                    return false;
                needs.Add(found.Relation);
                return true;
            case "A_Expr" when node.Text("kind") == "AEXPR_OP":
                return (node.Child("lexpr").IsMissing || TryRelationsOf(node.Child("lexpr"), needs)) && TryRelationsOf(node.Child("rexpr"), needs);
            case "FuncCall":
                var functions = walk.Names.Functions(node.Names("funcname"), node.List("args").Count);
                return !functions.IsEmpty && functions.All(f => f.IsSystem && !f.ReturnsSet && f.Kind == 'f' && f.Volatility != FunctionVolatility.Volatile) && All(node.List("args"), needs);
            case "A_ArrayExpr":
                return All(node.List("elements"), needs);
            case "RowExpr" or "CoalesceExpr" or "MinMaxExpr":
                return All(node.List("args"), needs);
            case "SubLink" when node.Text("subLinkType") == "EXPR_SUBLINK":
                return new BoundJudge(walk).IsIndependent(node.Child("subselect"), scope);
            default:
                return false;
        }
    }

    /// <summary>A subquery with a short answer that is the same for every row.</summary>
    public bool IsFewValues(SqlNode query)
    {
        var judge = new BoundJudge(walk);
        return judge.IsIndependent(query, scope) && judge.IsBounded(query, new Scope(null, scope.Ctes));
    }

    private bool All(SqlNodeList nodes, HashSet<ScopeRelation> needs)
    {
        foreach (SqlNode node in nodes)
        {
            if (!TryRelationsOf(node, needs))
                return false;
        }

        return true;
    }

    /// <summary>The operand without casts and functions that keep values apart.</summary>
    private SqlNode Bare(SqlNode node)
    {
        while (true)
        {
            if (node.Is("TypeCast"))
            {
                SqlNode type = node.Plain("typeName", "TypeName");
                if (type.List("typmods").Count > 0 || type.List("arrayBounds").Count > 0 || type.Names("names") is not [.., { } name] || !FaithfulTypes.Contains(name))
                    return default;
                node = node.Child("arg");
            }
            else if (node.Is("FuncCall") && node.List("args").Count == 1 && node.Names("funcname") is [.., { } function] && FaithfulFunctions.Contains(function)
                && walk.Names.Functions(node.Names("funcname"), 1) is { IsEmpty: false } known && known.All(f => f.IsSystem))
            {
                node = node.List("args")[0];
            }
            else if (node.Is("CollateClause"))
            {
                node = node.Child("arg");
            }
            else
            {
                return node;
            }
        }
    }

    private (ScopeRelation? Relation, string Name, OutputColumn? Column)? Find(SqlNode node)
    {
        List<string> fields = node.Names("fields");
        if (fields.Count == 0 || fields.Count != node.List("fields").Count)
            return (null, "", null);
        string name = fields[^1];
        if (fields.Count > 1)
        {
            ScopeRelation? relation = scope.Relation(fields.Count > 2 ? fields[^3] : "", fields[^2]);
            if (relation is null)
                return null;
            OutputColumn? column = relation.Column(name);
            return column is null && relation.IsComplete && !FromWalker.IsSystemColumn(name) ? (null, name, null) : (relation, name, column);
        }

        for (Scope? level = scope; level is not null; level = level.Outer)
        {
            var found = level.Columns(name);
            if (found.Count == 1)
                return (found[0].Relation, name, found[0].Relation?.Column(name));
            if (found.Count > 1)
                return (null, name, null);
            if (FromWalker.IsSystemColumn(name) && level.Relations.Where(r => !r.IsQualifiedOnly).ToList() is [{ } only])
                return (only, name, null);
        }

        return scope.Relation("", name) is null ? null : (null, name, null);
    }

    private bool IsVariable(SqlNode node) => node.Names("fields") is { Count: > 0 } fields && (walk.Variables!.Find(fields[0]) is not null || walk.Variables.Owner == fields[0]);
}
