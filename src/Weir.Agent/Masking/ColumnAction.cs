using System.Collections.Immutable;
using Weir.Policy.Masking;

namespace Weir.Agent.Masking;

/// <summary>What is done to the values of one column.</summary>
/// <param name="Column">From 0.</param>
/// <param name="Masker">Null when only the content decides.</param>
/// <param name="Kind">Family of the type, of an array's elements.</param>
/// <param name="TypeOid">Type of the values, of an array's elements.</param>
/// <param name="IsArray">Values are arrays and are masked element by element.</param>
/// <param name="IsBinary">Values are in binary format.</param>
internal sealed record ColumnAction(int Column, Masker? Masker, ValueKind Kind, uint TypeOid, bool IsArray, bool IsBinary)
{
    /// <summary>Characters that the column holds; 0 for no limit. A longer mask is cut.</summary>
    public int MaxLength { get; init; }

    /// <summary>Of an enum: what its values can be; empty for other types.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Labels { get; init; } = [];

    /// <summary>An action over values of a type.</summary>
    /// <param name="masker">Null when only the content decides.</param>
    public static ColumnAction Of(int column, Masker? masker, Weir.Sql.Catalog.ValueType type, bool isBinary) =>
        new(column, masker, ValueKinds.Of(type.Oid), type.Oid, type.IsArray, isBinary) { MaxLength = type.MaxLength, Labels = type.Labels };
}
