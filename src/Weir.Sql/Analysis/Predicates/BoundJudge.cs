using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Predicates;

/// <summary>
/// Whether a query yields a few rows at most, whatever the tables hold: because it names them (VALUES, a short LIMIT), because it aggregates
/// all to one, or because every relation in it is pinned by equality.
/// </summary>
internal sealed class BoundJudge(Walk walk)
{
    /// <summary>What still counts as "a few": values in a list, rows of a LIMIT, width of a range of whole numbers.</summary>
    public const int Few = 100;

    public bool IsBounded(SqlNode query, Scope scope)
    {
        walk.Run.Step();
        switch (query.Tag)
        {
            case "SelectStmt":
                return IsSelectBounded(query, scope);
            case "InsertStmt":
                return IsBounded(query.Child("selectStmt"), scope);
            case "UpdateStmt" or "DeleteStmt":
                Walk apart = walk.Apart();
                apart.Queries.Query(query, scope.Outer, scope.Ctes);
                return apart.Findings.RowLimit == RowLimit.Limited;
            default:
                return false;
        }
    }

    /// <summary>Whether the query uses nothing of the queries around it. Errs to no.</summary>
    public bool IsIndependent(SqlNode query, Scope scope)
    {
        Walk apart = walk.Apart();
        apart.Queries.Query(query, null, scope.Ctes);
        return !apart.Findings.HasUnresolvedNames && (walk.Names.Catalog is not null || apart.Findings.Relations.Count == 0);
    }

    private bool IsSelectBounded(SqlNode query, Scope scope)
    {
        if (query.Text("op") is { Length: > 0 } op and not "SETOP_NONE")
        {
            bool left = IsBounded(query.Plain("larg", "SelectStmt"), scope);
            bool right = IsBounded(query.Plain("rarg", "SelectStmt"), scope);
            return op switch { "SETOP_UNION" => left && right, "SETOP_INTERSECT" => left || right, _ => left };
        }

        if (query.List("valuesLists").Count > 0)
            return query.List("valuesLists").Count <= Few;
        if (IsShort(query))
            return true;
        if (MayReturnSet(query.List("targetList")))
            return false;
        if (query.List("fromClause").Count == 0 || IsOneRow(query))
            return true;
        Walk apart = walk.Apart();
        var inner = new Scope(scope, apart.Queries.With(query.Plain("withClause", "WithClause"), scope, scope.Ctes));
        foreach (SqlNode item in query.List("fromClause"))
            inner.Add(apart.From.Item(item, inner));
        bool limits = new PredicateJudge(apart, inner).LimitsAll(query.List("fromClause"), [query.Child("whereClause")]);
        walk.Findings.DependsOnLiterals |= apart.Findings.DependsOnLiterals;
        return limits;
    }

    /// <summary>A constant LIMIT of a few rows.</summary>
    public bool IsShort(SqlNode query)
    {
        if (query.Child("limitCount") is not { Exists: true } limit || query.Text("limitOption") == "LIMIT_OPTION_WITH_TIES" || Constants.NumberOf(limit) is not { } rows)
            return false;
        walk.Findings.DependsOnLiterals = true;
        return rows <= Few;
    }

    /// <summary>An aggregate over everything.</summary>
    private bool IsOneRow(SqlNode query)
    {
        if (query.List("groupClause").Count > 0)
            return false;
        foreach (SqlNode target in query.List("targetList"))
        {
            SqlNode value = target.Child("val");
            while (value.Tag is "TypeCast" or "CollateClause")
                value = value.Child("arg");
            if (value.Is("FuncCall") && !value.Has("over"))
            {
                var candidates = walk.Names.Functions(value.Names("funcname"), value.List("args").Count);
                if (!candidates.IsEmpty && candidates.All(f => f.Kind == 'a'))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Whether a function in the list can make many rows of one.</summary>
    private bool MayReturnSet(SqlNodeList targets)
    {
        foreach (SqlNode target in targets)
        {
            foreach (SqlNode call in NodeSearch.All(target, "FuncCall"))
            {
                var candidates = walk.Names.Functions(call.Names("funcname"), call.List("args").Count);
                if (candidates.IsEmpty || candidates.Any(f => f.ReturnsSet))
                    return true;
            }
        }

        return false;
    }
}
