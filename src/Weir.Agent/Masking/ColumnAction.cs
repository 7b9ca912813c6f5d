using Weir.Policy.Masking;

namespace Weir.Agent.Masking;

/// <summary>What is done to the values of one column.</summary>
/// <param name="Column">From 0.</param>
/// <param name="Masker">Null when only the content decides.</param>
/// <param name="Kind">Family of the type, of an array's elements.</param>
/// <param name="TypeOid">Type of the values, of an array's elements.</param>
/// <param name="IsArray">Values are arrays and are masked element by element.</param>
/// <param name="IsBinary">Values are in binary format.</param>
internal sealed record ColumnAction(int Column, Masker? Masker, ValueKind Kind, uint TypeOid, bool IsArray, bool IsBinary);
