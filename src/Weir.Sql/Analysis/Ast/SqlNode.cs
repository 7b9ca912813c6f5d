using System.Text.Json;

namespace Weir.Sql.Analysis.Ast;

/// <summary>
/// A node of libpg_query's raw parse tree. Fields with default values are left out by its writer, so that every accessor has a default. Fields
/// of a fixed type hold the fields alone (<see cref="Plain"/>); others hold an object named for the node type (<see cref="Child"/>).
/// </summary>
internal readonly struct SqlNode
{
    private readonly string? _tag;
    private readonly JsonElement _fields;

    private SqlNode(string tag, JsonElement fields)
    {
        _tag = tag;
        _fields = fields;
    }

    /// <summary>The node type's name; empty for a missing node.</summary>
    public string Tag => _tag ?? "";

    public bool IsMissing => string.IsNullOrEmpty(Tag);

    public bool Exists => !IsMissing;

    public JsonElement Fields => _fields;

    /// <summary>Byte offset of the node's token; 0 also when the node has none.</summary>
    public int Location => Number("location");

    public static SqlNode Unwrap(JsonElement wrapped)
    {
        if (wrapped.ValueKind != JsonValueKind.Object)
            return default;
        foreach (JsonProperty property in wrapped.EnumerateObject())
            return new SqlNode(property.Name, property.Value);
        return default;
    }

    public bool Is(string tag) => Tag == tag;

    public SqlNode Child(string field) => TryField(field, out JsonElement value) ? Unwrap(value) : default;

    public SqlNode Plain(string field, string tag) => TryField(field, out JsonElement value) ? new SqlNode(tag, value) : default;

    public SqlNodeList List(string field) => TryField(field, out JsonElement value) ? new SqlNodeList(value) : default;

    /// <summary>Items of a <c>List</c> node.</summary>
    public SqlNodeList Items() => Is("List") ? List("items") : default;

    public string Text(string field) => TryField(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public bool Flag(string field) => TryField(field, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    public int Number(string field) => TryField(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : 0;

    public bool Has(string field) => TryField(field, out _);

    /// <summary>The strings of a list of <c>String</c> nodes, such as a qualified name.</summary>
    public List<string> Names(string field)
    {
        var names = new List<string>();
        foreach (SqlNode item in List(field))
        {
            if (item.Is("String"))
                names.Add(item.Text("sval"));
        }

        return names;
    }

    private bool TryField(string field, out JsonElement value)
    {
        if (_fields.ValueKind == JsonValueKind.Object)
            return _fields.TryGetProperty(field, out value);
        value = default;
        return false;
    }
}
