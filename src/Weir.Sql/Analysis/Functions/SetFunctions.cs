using System.Collections.Frozen;
using Weir.Sql.Analysis.Ast;

namespace Weir.Sql.Analysis.Functions;

/// <summary>
/// Functions that return sets. How many rows they return tells about their arguments: <c>generate_series(1, salary)</c> and
/// <c>regexp_matches(ssn, '^8')</c> answer questions about a value that no mask hides.
/// </summary>
internal static class SetFunctions
{
    /// <summary>They take apart what is there; the number of rows is the number of parts.</summary>
    private static readonly FrozenSet<string> TakeApart = FrozenSet.ToFrozenSet(
        [
            "unnest", "json_array_elements", "json_array_elements_text", "jsonb_array_elements", "jsonb_array_elements_text", "json_each", "json_each_text",
            "jsonb_each", "jsonb_each_text", "json_object_keys", "jsonb_object_keys", "json_to_record", "jsonb_to_record", "json_populate_record",
            "jsonb_populate_record", "json_to_recordset", "jsonb_to_recordset", "json_populate_recordset", "jsonb_populate_recordset", "each", "skeys", "svals",
        ],
        StringComparer.Ordinal);

    /// <summary>Functions that put a value together without looking at it.</summary>
    private static readonly FrozenSet<string> PutTogether = FrozenSet.ToFrozenSet(
        ["to_json", "to_jsonb", "row_to_json", "json_build_object", "jsonb_build_object", "json_build_array", "jsonb_build_array", "hstore", "array_to_json"],
        StringComparer.Ordinal);

    /// <summary>Whether the rows of the call tell no more than how many parts the stored values have.</summary>
    public static bool TellsShapeOnly(string name, SqlNode call)
    {
        if (!TakeApart.Contains(name))
            return false;
        foreach (SqlNode argument in call.List("args"))
        {
            if (!IsStored(argument))
                return false;
        }

        return true;
    }

    private static bool IsStored(SqlNode node) => node.Tag switch
    {
        "ColumnRef" or "A_Const" or "ParamRef" or "A_ArrayExpr" or "RowExpr" => true,
        "TypeCast" => IsStored(node.Child("arg")),
        "SubLink" => node.Text("subLinkType") == "ARRAY_SUBLINK",
        "FuncCall" => node.Names("funcname") is [.., { } name] && PutTogether.Contains(name),
        _ => false,
    };
}
