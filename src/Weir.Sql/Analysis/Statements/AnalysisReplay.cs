using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Statements;

/// <summary>Takes a finished analysis as part of another: the statement that EXECUTE runs.</summary>
internal static class AnalysisReplay
{
    public static void Into(Findings findings, StatementAnalysis analysis)
    {
        findings.Effect(analysis.Effects);
        findings.Limit(analysis.RowLimit);
        findings.ReadsOpaqueSource |= analysis.ReadsOpaqueSource;
        findings.ReadsOpaqueColumn |= analysis.ReadsOpaqueColumn;
        findings.CopiesUnproven |= analysis.CopiesUnproven;
        findings.ChangesCatalog |= analysis.ChangesCatalog;
        findings.ChangesTemporaryObjects |= analysis.ChangesTemporaryObjects;
        findings.MayExhaustServer |= analysis.MayExhaustServer;
        findings.DefersWrites |= analysis.DefersWrites;
        findings.DrawsFromSequence |= analysis.DrawsFromSequence;
        findings.ChangesForeignTable |= analysis.ChangesForeignTable;
        foreach (RelationReference relation in analysis.Relations)
            findings.Relation(relation.Candidates, relation.Oid, relation.Effects, relation.ThroughView);
        foreach (FunctionReference function in analysis.Functions)
            findings.Function(function);
        foreach (SettingChange setting in analysis.Settings)
            findings.Setting(setting);
        foreach (string note in analysis.Notes)
            findings.Note(note);
        foreach (ColumnReference column in analysis.Columns)
        {
            foreach (QualifiedName relation in column.Relations)
            {
                findings.Use(relation, column.Column, column.Use);
                foreach (var (other, name) in column.ComparedWith)
                    findings.Equated(Of(relation, column.Column), Of(other, name));
            }
        }
    }

    /// <summary>What the statement answers; null when it returns no rows.</summary>
    public static QueryResult? ResultOf(StatementAnalysis analysis) =>
        analysis.ResultColumns.IsDefault
            ? analysis.IsLineageProvable ? null : QueryResult.Unknown
            : new QueryResult(
                [.. analysis.ResultColumns.Select(c => new OutputColumn(c.Name, new Lineage(c.Sources, c.IsProvable, c.IsIdentity)))],
                analysis.IsLineageProvable);

    private static Lineage Of(QualifiedName relation, string column) => new(ImmutableArray.Create(new ColumnSource(relation, 0, column)), IsProvable: true, IsIdentity: true);
}
