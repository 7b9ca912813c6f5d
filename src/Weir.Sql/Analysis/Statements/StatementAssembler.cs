using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Statements;

/// <summary>Makes the contract's record of a walk's findings.</summary>
internal static class StatementAssembler
{
    private static bool IsMoreThanShown(ColumnReference column) =>
        (column.Use & ~ColumnUse.Output) != 0 && column.Relations.Any(r => OpaqueSources.IsHarmlessBeside(r, column.Column));

    public static StatementAnalysis Assemble(Findings findings, StatementParts parts, int start, int length)
    {
        if (parts.Result is { } answer)
            findings.Use(answer.Whole, ColumnUse.Output);
        ImmutableArray<LiteralBinding> literals = findings.HasTooManyLiterals
            ? [new LiteralBinding(start, length, 0, new QualifiedName("", ""), "*")]
            : [.. findings.Literals];
        return new StatementAnalysis
        {
            Command = parts.Command,
            Start = start,
            Length = length,
            Effects = findings.Effects,
            Relations = [.. findings.Relations],
            Columns = [.. findings.Columns],
            Functions = [.. findings.Functions],
            RowLimit = findings.RowLimit,
            ResultColumns = parts.Result is { } result
                ? [.. result.Columns.Select(c => new ResultColumn(c.Name, c.Lineage.Sources, c.Lineage.IsProvable, c.Lineage.IsIdentity))]
                : default,
            IsLineageProvable = parts.Result?.IsComplete ?? true,
            ReadsOpaqueSource = findings.ReadsOpaqueSource || (findings.ReadsOpaqueColumn && findings.Columns.Any(IsMoreThanShown)),
            CopiesUnproven = findings.CopiesUnproven,
            ReadsOpaqueColumn = findings.ReadsOpaqueColumn,
            Transaction = parts.Transaction,
            Settings = [.. findings.Settings],
            PreparedName = parts.PreparedName,
            CursorName = parts.CursorName,
            Inner = parts.Inner,
            Copy = parts.Copy,
            CopiedInto = parts.CopiedInto,
            ChangesCatalog = findings.ChangesCatalog,
            ChangesTemporaryObjects = findings.ChangesTemporaryObjects,
            CanRunInTransaction = parts.CanRunInTransaction,
            DependsOnLiterals = findings.DependsOnLiterals,
            DependsOnParameters = findings.DependsOnParameters,
            Literals = literals,
            Notes = [.. findings.Notes],
            HasUnresolvedNames = findings.HasUnresolvedNames,
            MayExhaustServer = findings.MayExhaustServer,
            DefersWrites = findings.DefersWrites,
            DrawsFromSequence = findings.DrawsFromSequence,
            ChangesForeignTable = findings.ChangesForeignTable,
            TemporaryMade = parts.TemporaryMade,
            TemporaryDropped = parts.TemporaryDropped,
        };
    }
}
