using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Policy.Documents;

/// <summary>All given conditions must hold; an empty list or null is not given; lists are "any of".</summary>
/// <param name="Relations">Patterns <c>schema.name</c> with <c>*</c>; together with effects: the effect falls on that relation.</param>
/// <param name="Columns">Patterns <c>schema.table.column</c> with <c>*</c>.</param>
/// <param name="Functions">Patterns of function names, with or without schema.</param>
/// <param name="WithoutWhere">True: UPDATE, DELETE or MERGE that no real predicate limits.</param>
/// <param name="EstimatedRowsOver">Planner's estimate, asked before the statement runs.</param>
/// <param name="StatementPattern">Regular expression (non-backtracking) over the statement's text.</param>
/// <param name="Schedule">Cron expressions (five fields, UTC) of the minutes in which the rule holds.</param>
public sealed record GuardrailConditions(
    Effects Effects,
    ImmutableArray<string> Relations,
    ImmutableArray<string> Columns,
    ImmutableArray<string> Functions,
    bool WithoutWhere,
    long? EstimatedRowsOver,
    string? StatementPattern,
    ImmutableArray<string> Schedule)
{
    /// <summary>
    /// Names of run-time settings with <c>*</c>, lower case, optionally with one value (<c>row_security=off</c>): SET, RESET, set_config or
    /// UPDATE pg_settings of it. A change whose name or value can't be known matches.
    /// </summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    /// <summary>No condition at all.</summary>
    public static GuardrailConditions None { get; } = new(Effects.None, [], [], [], false, null, null, []);
}
