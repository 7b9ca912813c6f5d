using System.Collections.Immutable;

namespace Weir.Policy.Analysis;

/// <summary>
/// What one statement of a text does: the input of decisions and masking. Immutable, and valid only for the text, search path,
/// role, temporary objects and catalog epoch that it was computed from.
/// </summary>
public sealed record StatementAnalysis
{
    /// <summary>The command as PostgreSQL's command tag spells it, without counts: <c>SELECT</c>, <c>DROP TABLE</c>, <c>BEGIN</c>.</summary>
    public required string Command { get; init; }

    /// <summary>Where the statement stands in the text: offset and length in UTF-8 bytes, without the semicolon.</summary>
    public int Start { get; init; }

    public int Length { get; init; }

    public required Effects Effects { get; init; }

    public ImmutableArray<RelationReference> Relations { get; init; } = [];

    public ImmutableArray<ColumnReference> Columns { get; init; } = [];

    public ImmutableArray<FunctionReference> Functions { get; init; } = [];

    public RowLimit RowLimit { get; init; }

    /// <summary>Lineage of the answer's columns; default when the statement returns no rows; see <see cref="IsLineageProvable"/>.</summary>
    public ImmutableArray<ResultColumn> ResultColumns { get; init; }

    /// <summary>False when even the number or origin of the answer's columns is not known: then the whole answer counts as unprovable.</summary>
    public bool IsLineageProvable { get; init; } = true;

    /// <summary>Reads from, or may read from, something that can hold any column's values (statistics views, large objects, server files, dynamic SQL).</summary>
    public bool ReadsOpaqueSource { get; init; }

    /// <summary>Stores a value of which it isn't known where it comes from.</summary>
    public bool CopiesUnproven { get; init; }

    /// <summary>Shows a column that can hold any column's values; the answer's columns that it flows into are unprovable.</summary>
    public bool ReadsOpaqueColumn { get; init; }

    public TransactionAction Transaction { get; init; }

    /// <summary>A SET, RESET, set_config or DISCARD in the statement; empty otherwise.</summary>
    public ImmutableArray<SettingChange> Settings { get; init; } = [];

    /// <summary>Name of the prepared statement that PREPARE, EXECUTE or DEALLOCATE names; null otherwise (DEALLOCATE ALL: <c>*</c>).</summary>
    public string? PreparedName { get; init; }

    /// <summary>Name of the cursor that DECLARE, FETCH, MOVE or CLOSE names; null otherwise (CLOSE ALL: <c>*</c>).</summary>
    public string? CursorName { get; init; }

    /// <summary>For PREPARE, DECLARE CURSOR, EXPLAIN ANALYZE and COPY (query): the analysis of the statement inside.</summary>
    public StatementAnalysis? Inner { get; init; }

    /// <summary>For COPY … TO STDOUT or FROM STDIN: the data format; null otherwise.</summary>
    public CopyFormat? Copy { get; init; }

    /// <summary>For COPY … FROM: the base columns that each field of a row is written to, in the order of the fields; empty when they aren't known, and otherwise.</summary>
    public ImmutableArray<ImmutableArray<ColumnSource>> CopiedInto { get; init; } = [];

    /// <summary>Creates, changes or drops something that other names may resolve to (DDL): the catalog must be looked at again.</summary>
    public bool ChangesCatalog { get; init; }

    /// <summary>Creates or drops temporary objects, which shadow other names in this session.</summary>
    public bool ChangesTemporaryObjects { get; init; }

    /// <summary>False for VACUUM, CREATE DATABASE and others that PostgreSQL refuses inside a transaction block.</summary>
    public bool CanRunInTransaction { get; init; } = true;

    /// <summary>The verdict depends on the value of a literal, so the analysis must be cached by exact text, not by lexical shape.</summary>
    public bool DependsOnLiterals { get; init; }

    /// <summary>The verdict depends on the values of parameters (<c>$n</c>), so it must be judged again at every Bind.</summary>
    public bool DependsOnParameters { get; init; }

    /// <summary>Literals (byte spans in the text) that are compared with or written to a column, and so must be recorded masked when the column is.</summary>
    public ImmutableArray<LiteralBinding> Literals { get; init; } = [];

    /// <summary>What the analysis did not understand or refused, for people; empty when nothing.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>
    /// Names a relation, column or function that the catalog does not hold. The statement is an error, or the catalog is old: have it
    /// loaded anew and analyse once more before deciding.
    /// </summary>
    public bool HasUnresolvedNames { get; init; }

    /// <summary>Constant arguments make the server build values of 16 MB and more, or wait for 10 seconds and more (repeat, lpad, generate_series, pg_sleep …).</summary>
    public bool MayExhaustServer { get; init; }

    /// <summary>
    /// Fires a trigger that can be put off to the end of the transaction and does more than look: what it changes comes after everything that can be counted.
    /// </summary>
    public bool DefersWrites { get; init; }

    /// <summary>Takes numbers from a sequence, or may: they do not come back when it is rolled back.</summary>
    public bool DrawsFromSequence { get; init; }

    /// <summary>Changes rows of a foreign table, which lie in another server.</summary>
    public bool ChangesForeignTable { get; init; }

    /// <summary>Temporary relations that exist after the statement succeeded.</summary>
    public ImmutableArray<TemporaryRelation> TemporaryMade { get; init; } = [];

    /// <summary>Names of temporary relations that are gone after the statement succeeded.</summary>
    public ImmutableArray<string> TemporaryDropped { get; init; } = [];
}
