using System.Text.Json;

namespace Weir.Sql.Analysis.Ast;

/// <summary>An array of wrapped nodes; missing arrays are empty.</summary>
internal readonly struct SqlNodeList(JsonElement array)
{
    public int Count => array.ValueKind == JsonValueKind.Array ? array.GetArrayLength() : 0;

    public SqlNode this[int index] => SqlNode.Unwrap(array[index]);

    public SqlNode FirstOrMissing => Count > 0 ? this[0] : default;

    public Enumerator GetEnumerator() => new(array);

    public struct Enumerator(JsonElement array)
    {
        private readonly bool _any = array.ValueKind == JsonValueKind.Array;
        private JsonElement.ArrayEnumerator _items = array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

        public readonly SqlNode Current => SqlNode.Unwrap(_items.Current);

        public bool MoveNext() => _any && _items.MoveNext();
    }
}
