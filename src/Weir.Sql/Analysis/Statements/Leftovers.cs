using System.Text.Json;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Statements;

/// <summary>
/// The second look at a statement: every call, cast, operator, column, parameter, subquery and relation anywhere in its tree must have been visited by the walk.
/// One that was not stands in a place that the walk does not know, and makes the statement unknown. So a construct that a walker overlooks is refused, not missed.
/// </summary>
internal static class Leftovers
{
    private static readonly HashSet<string> Watched = new(StringComparer.Ordinal) { "FuncCall", "TypeCast", "A_Expr", "ColumnRef", "ParamRef", "SubLink" };

    public static void Refuse(SqlNode root, Findings findings)
    {
        var pending = new Stack<JsonElement>();
        pending.Push(root.Fields);
        while (pending.TryPop(out JsonElement element))
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in element.EnumerateArray())
                    pending.Push(item);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                if (element.TryGetProperty("relname", out _) && !findings.WasVisited("RangeVar", LocationOf(element)))
                    findings.Unknown("A relation stands where the analysis does not look.");
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    if (Watched.Contains(property.Name) && property.Value.ValueKind == JsonValueKind.Object && !findings.WasVisited(property.Name, LocationOf(property.Value)))
                        findings.Unknown($"A {property.Name} stands where the analysis does not look.");
                    pending.Push(property.Value);
                }
            }
        }
    }

    private static int LocationOf(JsonElement fields) => fields.TryGetProperty("location", out JsonElement location) && location.TryGetInt32(out int value) ? value : 0;
}
