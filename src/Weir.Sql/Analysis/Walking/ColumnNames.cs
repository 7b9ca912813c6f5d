using Weir.Sql.Analysis.Ast;

namespace Weir.Sql.Analysis.Walking;

/// <summary>The names that PostgreSQL gives to output columns without an alias.</summary>
internal static class ColumnNames
{
    private const string Unnamed = "?column?";

    public static string Of(SqlNode value) => Find(value, out _) ?? Unnamed;

    /// <param name="isStrong">True when the name is a column's or a function's, which a cast around it does not override.</param>
    private static string? Find(SqlNode node, out bool isStrong)
    {
        isStrong = true;
        switch (node.Tag)
        {
            case "ColumnRef":
                return node.Names("fields") is [.., { } column] ? column : null;
            case "A_Indirection":
                return node.Names("indirection") is [.., { } field] ? field : Find(node.Child("arg"), out isStrong);
            case "FuncCall":
                return node.Names("funcname") is [.., { } function] ? function : null;
            case "A_Expr" when node.Text("kind") == "AEXPR_NULLIF":
                return "nullif";
            case "TypeCast":
                if (Find(node.Child("arg"), out bool inner) is { } name && inner)
                    return name;
                isStrong = false;
                return node.Plain("typeName", "TypeName").Names("names") is [.., { } type] ? type : null;
            case "CollateClause":
                return Find(node.Child("arg"), out isStrong);
            case "CaseExpr":
                if (Find(node.Child("defresult"), out bool strong) is { } otherwise && strong)
                    return otherwise;
                isStrong = false;
                return "case";
            case "CoalesceExpr":
                return "coalesce";
            case "MinMaxExpr":
                return node.Text("op") == "IS_LEAST" ? "least" : "greatest";
            case "A_ArrayExpr":
                return "array";
            case "RowExpr":
                return "row";
            case "GroupingFunc":
                return "grouping";
            case "MergeSupportFunc":
                return "merge_action";
            case "SubLink":
                return Sub(node, out isStrong);
            case "SQLValueFunction":
                return node.Text("op") switch
                {
                    "SVFOP_CURRENT_TIME" or "SVFOP_CURRENT_TIME_N" => "current_time",
                    "SVFOP_CURRENT_TIMESTAMP" or "SVFOP_CURRENT_TIMESTAMP_N" => "current_timestamp",
                    "SVFOP_LOCALTIME" or "SVFOP_LOCALTIME_N" => "localtime",
                    "SVFOP_LOCALTIMESTAMP" or "SVFOP_LOCALTIMESTAMP_N" => "localtimestamp",
                    "SVFOP_CURRENT_ROLE" => "current_role",
                    "SVFOP_CURRENT_USER" => "current_user",
                    "SVFOP_USER" => "user",
                    "SVFOP_SESSION_USER" => "session_user",
                    "SVFOP_CURRENT_CATALOG" => "current_catalog",
                    "SVFOP_CURRENT_SCHEMA" => "current_schema",
                    _ => "current_date",
                };
            case "XmlExpr":
                return node.Text("op") switch
                {
                    "IS_XMLCONCAT" => "xmlconcat",
                    "IS_XMLELEMENT" => "xmlelement",
                    "IS_XMLFOREST" => "xmlforest",
                    "IS_XMLPARSE" => "xmlparse",
                    "IS_XMLPI" => "xmlpi",
                    "IS_XMLROOT" => "xmlroot",
                    _ => null,
                };
            case "XmlSerialize":
                return "xmlserialize";
            case "JsonParseExpr":
                return "json";
            case "JsonScalarExpr":
                return "json_scalar";
            case "JsonSerializeExpr":
                return "json_serialize";
            case "JsonObjectConstructor":
                return "json_object";
            case "JsonArrayConstructor" or "JsonArrayQueryConstructor":
                return "json_array";
            case "JsonObjectAgg":
                return "json_objectagg";
            case "JsonArrayAgg":
                return "json_arrayagg";
            case "JsonFuncExpr":
                return node.Text("op") switch { "JSON_EXISTS_OP" => "json_exists", "JSON_QUERY_OP" => "json_query", _ => "json_value" };
            default:
                return null;
        }
    }

    private static string? Sub(SqlNode node, out bool isStrong)
    {
        isStrong = true;
        switch (node.Text("subLinkType"))
        {
            case "EXISTS_SUBLINK":
                return "exists";
            case "ARRAY_SUBLINK":
                return "array";
            case "EXPR_SUBLINK":
                SqlNode query = node.Child("subselect");
                while (query.Plain("larg", "SelectStmt") is { Exists: true } left)
                    query = left;
                SqlNode target = query.List("targetList").FirstOrMissing;
                return target.Text("name") is { Length: > 0 } alias ? alias : query.List("valuesLists").Count > 0 ? "column1" : Find(target.Child("val"), out isStrong);
            default:
                return null;
        }
    }
}
