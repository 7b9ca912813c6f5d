using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Lineages;

namespace Weir.Sql.Analysis.Statements;

/// <summary>What a statement is, besides what the walk over it has found.</summary>
internal sealed record StatementParts(string Command)
{
    /// <summary>What it answers; null when it returns no rows.</summary>
    public QueryResult? Result { get; init; }

    public TransactionAction Transaction { get; init; }

    public string? PreparedName { get; init; }

    public string? CursorName { get; init; }

    public StatementAnalysis? Inner { get; init; }

    public CopyFormat? Copy { get; init; }

    public ImmutableArray<ImmutableArray<ColumnSource>> CopiedInto { get; init; } = [];

    public bool CanRunInTransaction { get; init; } = true;

    public ImmutableArray<TemporaryRelation> TemporaryMade { get; init; } = [];

    public ImmutableArray<string> TemporaryDropped { get; init; } = [];
}
