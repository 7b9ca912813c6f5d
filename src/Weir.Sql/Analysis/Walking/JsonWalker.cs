using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;

namespace Weir.Sql.Analysis.Walking;

/// <summary>The SQL/JSON constructors and query functions (manual, "JSON Functions and Operators").</summary>
internal static class JsonWalker
{
    private static readonly Dictionary<string, string> FunctionNames = new(StringComparer.Ordinal)
    {
        ["JSON_EXISTS_OP"] = "json_exists",
        ["JSON_QUERY_OP"] = "json_query",
        ["JSON_VALUE_OP"] = "json_value",
    };

    /// <summary>A path of the text that only goes from one member to the next: what it finds is as public as the document's structure. Filters and methods ask for values.</summary>
    public static bool IsPlainPath(SqlNode path) => Constants.TextOf(path) is { } text && text.AsSpan().IndexOfAny('?', '(') < 0 && !text.Contains("strict", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null for a node that isn't one of them.</summary>
    public static Lineage? TryValue(Walk walk, SqlNode node, Scope scope)
    {
        ExpressionWalker expressions = walk.Expressions;
        switch (node.Tag)
        {
            case "JsonValueExpr":
                return expressions.Value(node.Child("raw_expr"), scope);
            case "JsonKeyValue":
                return Lineage.Union(expressions.Value(node.Child("key"), scope), Argument(node.Plain("value", "JsonValueExpr")));
            case "JsonArgument":
                return Argument(node.Plain("val", "JsonValueExpr"));
            case "JsonBehavior":
                return expressions.Value(node.Child("expr"), scope);
            case "JsonIsPredicate":
                return expressions.Value(node.Child("expr"), scope).Derived();
            case "JsonFuncExpr":
                // On servers before version 17 the name is an ordinary one that a user's function may have.
                if (walk.Run.Context.ServerVersion is > 0 and < 170000 && FunctionNames.TryGetValue(node.Text("op"), out string? name))
                    walk.Functions.Named([name], Lineage.None);
                Output();
                Lineage queried = Lineage.Union(
                    Argument(node.Plain("context_item", "JsonValueExpr")),
                    expressions.Value(node.Child("pathspec"), scope),
                    expressions.All(node.List("passing"), scope));
                if (!IsPlainPath(node.Child("pathspec")) || node.List("passing").Count > 0 || node.Text("op") == "JSON_VALUE_OP" && node.Plain("output", "JsonOutput").Exists)
                    walk.Findings.Use(queried, ColumnUse.Computed);
                return Lineage.Union(queried, Behavior("on_empty"), Behavior("on_error")).Derived();
            case "JsonParseExpr":
                Old("json");
                Output();
                Lineage parsed = Argument(node.Plain("expr", "JsonValueExpr"));
                walk.Findings.Use(parsed, ColumnUse.Computed);
                return parsed.Derived();
            case "JsonScalarExpr":
                Old("json_scalar");
                Output();
                return expressions.Value(node.Child("expr"), scope).Derived();
            case "JsonSerializeExpr":
                Old("json_serialize");
                Output();
                return Argument(node.Plain("expr", "JsonValueExpr")).Derived();
            case "JsonObjectConstructor":
                Old("json_object");
                Output();
                Lineage pairs = expressions.All(node.List("exprs"), scope);
                if (node.Flag("unique"))
                    walk.Findings.Use(pairs, ColumnUse.Computed);
                return pairs.Derived();
            case "JsonArrayConstructor":
                Old("json_array");
                Output();
                return expressions.All(node.List("exprs"), scope).Derived();
            case "JsonArrayQueryConstructor":
                Output();
                return walk.Queries.Query(node.Child("query"), scope, scope.Ctes).Whole.Derived();
            case "JsonObjectAgg":
                Old("json_objectagg");
                return Aggregate(TryValue(walk, node.Plain("arg", "JsonKeyValue"), scope) ?? Lineage.Unknown);
            case "JsonArrayAgg":
                Old("json_arrayagg");
                return Aggregate(Argument(node.Plain("arg", "JsonValueExpr")));
            default:
                return null;
        }

        Lineage Argument(SqlNode value) => value.Exists ? expressions.Value(value.Child("raw_expr"), scope) : Lineage.None;

        Lineage Behavior(string field) => node.Plain(field, "JsonBehavior") is { Exists: true } behavior ? expressions.Value(behavior.Child("expr"), scope) : Lineage.None;

        void Output()
        {
            SqlNode output = node.Plain("output", "JsonOutput");
            if (output.Exists)
                walk.Types.Use(output.Plain("typeName", "TypeName"));
        }

        void Old(string function)
        {
            if (walk.Run.Context.ServerVersion is > 0 and < 160000)
                walk.Functions.Named([function], Lineage.None);
        }

        Lineage Aggregate(Lineage argument)
        {
            SqlNode constructor = node.Plain("constructor", "JsonAggConstructor");
            walk.Findings.Use(argument, ColumnUse.Aggregate);
            expressions.Order(constructor.List("agg_order"), scope);
            Lineage chosen = constructor.Child("agg_filter") is { Exists: true } filter ? walk.Conditions.Require(filter, scope) : Lineage.None;
            expressions.Window(constructor.Plain("over", "WindowDef"), scope);
            return Lineage.Union(argument, chosen).Derived();
        }
    }
}
