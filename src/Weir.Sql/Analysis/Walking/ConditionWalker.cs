using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Walks conditions, which decide about rows: WHERE, ON, HAVING, FILTER and the like.</summary>
internal sealed class ConditionWalker(Walk walk)
{
    /// <summary>Records what the condition uses; tells what it depends on.</summary>
    public Lineage Require(SqlNode condition, Scope scope)
    {
        if (condition.IsMissing)
            return Lineage.None;
        walk.Run.Step();
        if (condition.Is("BoolExpr") && condition.Text("boolop") == "AND_EXPR")
        {
            var parts = new List<Lineage>();
            foreach (SqlNode part in condition.List("args"))
                parts.Add(Require(part, scope));
            return Lineage.Union(parts);
        }

        return walk.Bound(() => Single(condition, scope)).Derived();
    }

    private Lineage Single(SqlNode condition, Scope scope)
    {
        switch (condition.Tag)
        {
            // A mask keeps NULL, so whether a value is NULL is no secret.
            case "NullTest":
                return walk.Expressions.Value(condition.Child("arg"), scope);
            case "A_Expr" when condition.Text("kind") == "AEXPR_OP" && condition.Names("name") is [.., "="] && condition.Child("lexpr").Exists:
                return Equality(condition, scope);
            case "SubLink" when condition.Text("subLinkType") == "EXISTS_SUBLINK":
                return walk.Expressions.Value(condition, scope);
            case "BoolExpr":
                return AnyOf(condition, scope);
            default:
                Lineage value = walk.Expressions.Value(condition, scope);
                walk.Findings.Use(value, ColumnUse.Predicate);
                return value;
        }
    }

    /// <summary>OR and NOT: every column in them is more than compared, except where it is only asked for NULL.</summary>
    private Lineage AnyOf(SqlNode condition, Scope scope)
    {
        var parts = new List<Lineage>();
        foreach (SqlNode part in condition.List("args"))
        {
            walk.Run.Step();
            if (part.Is("BoolExpr"))
            {
                parts.Add(AnyOf(part, scope));
                continue;
            }

            Lineage value = walk.Expressions.Value(part.Is("NullTest") ? part.Child("arg") : part, scope);
            if (!part.Is("NullTest"))
                walk.Findings.Use(value, ColumnUse.Predicate);
            parts.Add(value);
        }

        return Lineage.Union(parts);
    }

    private Lineage Equality(SqlNode node, Scope scope)
    {
        if (walk.IsOwnText)
            walk.Findings.Visited(node.Tag, node.Location);
        walk.Functions.Operator(node.Names("name"));
        SqlNode leftNode = node.Child("lexpr");
        SqlNode rightNode = node.Child("rexpr");
        Lineage left = walk.Expressions.Value(leftNode, scope);
        Lineage right = walk.Expressions.Value(rightNode, scope);
        if (left.IsIdentity && right.IsIdentity)
            walk.Findings.Equated(left, right);
        else if (left.IsIdentity && IsFixed(rightNode))
            walk.Findings.Guess(left);
        else if (right.IsIdentity && IsFixed(leftNode))
            walk.Findings.Guess(right);
        else
            walk.Findings.Use(Lineage.Union(left, right), ColumnUse.Predicate);
        return Lineage.Union(left, right);
    }

    private static bool IsFixed(SqlNode node) => node.Tag switch
    {
        "A_Const" or "ParamRef" or "SQLValueFunction" => true,
        "TypeCast" => IsFixed(node.Child("arg")),
        _ => false,
    };
}
