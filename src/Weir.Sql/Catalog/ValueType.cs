using System.Collections.Immutable;

namespace Weir.Sql.Catalog;

/// <summary>What values of a type look like: domains looked through, arrays as their elements.</summary>
/// <param name="Oid">Of the base type, of an array's elements; text for a user's string type, such as citext.</param>
/// <param name="MaxLength">Characters that varchar(n) and char(n) hold; 0 for no limit.</param>
/// <param name="Labels">Of an enum, UTF-8; empty for other types.</param>
public readonly record struct ValueType(uint Oid, bool IsArray, int MaxLength, ImmutableArray<ReadOnlyMemory<byte>> Labels);
