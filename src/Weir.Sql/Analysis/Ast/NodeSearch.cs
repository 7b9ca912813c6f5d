using System.Text.Json;

namespace Weir.Sql.Analysis.Ast;

/// <summary>Finds nodes anywhere below another, without knowing what lies between.</summary>
internal static class NodeSearch
{
    /// <summary>All wrapped nodes of that type, the node itself included.</summary>
    public static List<SqlNode> All(SqlNode root, params ReadOnlySpan<string> tags)
    {
        var found = new List<SqlNode>();
        if (tags.Contains(root.Tag))
            found.Add(root);
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
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    if (property.Value.ValueKind == JsonValueKind.Object && tags.Contains(property.Name))
                        found.Add(SqlNode.Unwrap(element));
                    pending.Push(property.Value);
                }
            }
        }

        return found;
    }
}
