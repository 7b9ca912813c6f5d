using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Catalog;

/// <summary>A function, procedure, aggregate or window function.</summary>
internal sealed class CatalogFunction
{
    public required uint Oid { get; init; }

    public required QualifiedName Name { get; init; }

    /// <summary>pg_proc.prokind: f, p, a or w.</summary>
    public required char Kind { get; init; }

    public required FunctionVolatility Volatility { get; init; }

    public required bool ReturnsSet { get; init; }

    public required uint ReturnType { get; init; }

    /// <summary>Types of the input arguments, in order.</summary>
    public required ImmutableArray<uint> Arguments { get; init; }

    /// <summary>Names of the input arguments, empty where there is none.</summary>
    public required ImmutableArray<string> ArgumentNames { get; init; }

    /// <summary>OUT, INOUT and TABLE columns; empty when the result is a plain value or a named row type.</summary>
    public required ImmutableArray<(string Name, uint Type)> Output { get; init; }

    public required int DefaultCount { get; init; }

    /// <summary>The defaults of a user's function, with commas between them; null when there are none.</summary>
    public string? Defaults { get; init; }

    public required bool IsVariadic { get; init; }

    public required string Language { get; init; }

    /// <summary>Text of a user's function in SQL or PL/pgSQL; null when it can't be read.</summary>
    public string? Source { get; init; }

    /// <summary>Deparsed body of a SQL-standard function.</summary>
    public string? SqlBody { get; init; }

    /// <summary>Settings of the function, <c>name=value</c>.</summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    /// <summary>The extension that it belongs to.</summary>
    public string? Extension { get; init; }

    /// <summary>For an aggregate: its support functions.</summary>
    public ImmutableArray<uint> Support { get; internal set; } = [];

    public bool IsSystem => Oid < CatalogSnapshot.FirstUserOid;

    /// <summary>Whether a call with that many arguments can mean it.</summary>
    public bool Accepts(int count) =>
        count <= Arguments.Length ? count >= Arguments.Length - DefaultCount - (IsVariadic ? 1 : 0) : IsVariadic;
}
