using System.Text.Json;

namespace Weir.Sql.Parsing;

/// <summary>One statement of a script.</summary>
/// <param name="Node">
/// An object with one property, named for the node type (<c>SelectStmt</c>, …), as libpg_query writes raw parse trees:
/// properties with default values (0, false, empty) are left out, locations are 0-based byte offsets into the whole text.
/// </param>
/// <param name="Location">Byte offset of the statement's first token in the text.</param>
/// <param name="Length">Bytes, without the semicolon.</param>
public readonly record struct ParsedStatement(JsonElement Node, int Location, int Length)
{
    /// <summary>The node type's name, such as <c>SelectStmt</c>.</summary>
    public string NodeType
    {
        get
        {
            foreach (JsonProperty property in Node.EnumerateObject())
                return property.Name;
            throw new InvalidOperationException("A statement without a node.");
        }
    }
}
