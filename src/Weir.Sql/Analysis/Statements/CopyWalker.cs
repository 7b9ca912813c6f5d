using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Statements;

/// <summary>COPY in all its spellings.</summary>
internal sealed class CopyWalker(Walk walk)
{
    private Findings Findings => walk.Findings;

    public StatementParts Copy(SqlNode node)
    {
        Findings.DependsOnLiterals = true;
        bool isFrom = node.Flag("is_from");
        bool isOnServer = node.Flag("is_program") || node.Has("filename");
        if (isOnServer)
            Findings.Effect(Effects.Program);
        CopyFormat? format = isOnServer ? null : Format(node);
        return isFrom ? In(node, format) : Out(node, format);
    }

    private StatementParts Out(SqlNode node, CopyFormat? format)
    {
        Findings.Effect(Effects.Read | Effects.CopyOut);
        SqlNode query = node.Child("query");
        if (query.Exists)
        {
            StatementAnalysis inner = new StatementWalker(walk).Inside(query);
            return new StatementParts("COPY") { Inner = inner, Copy = format, Result = AnalysisReplay.ResultOf(inner) ?? QueryResult.Nothing };
        }

        ScopeRelation relation = walk.From.Named(node.Plain("relation", "RangeVar"), Effects.Read | Effects.CopyOut);
        List<string> names = node.Names("attlist");
        QueryResult result = new([.. relation.Columns.Where(c => !IsGenerated(relation.Catalog, c.Name))], relation.IsComplete);
        if (names.Count > 0)
            result = new QueryResult([.. names.Select(n => relation.Column(n) ?? new OutputColumn(n, relation.Rest))], IsComplete: true);
        foreach (OutputColumn column in result.Columns)
            walk.From.Touch(relation, column.Name);
        return new StatementParts("COPY") { Copy = format, Result = result };
    }

    private StatementParts In(SqlNode node, CopyFormat? format)
    {
        Findings.Effect(Effects.CopyIn);
        SqlNode rangeVar = node.Plain("relation", "RangeVar");
        List<string> names = node.Names("attlist");
        RelationResolution resolution = walk.Names.Relation(rangeVar);
        ImmutableArray<string> given = names.Count > 0 ? [.. names] : resolution.Relation is { } known ? [.. known.Columns.Where(c => !c.IsGenerated).Select(c => c.Name)] : [];
        bool asksDefaults = StatementWalker.Options(node).Contains("default", StringComparer.OrdinalIgnoreCase);
        ScopeRelation target = walk.Changes.Target(rangeVar, Effects.Insert, asksDefaults ? [] : given);
        Findings.Relation(resolution.Candidates, resolution.Relation?.Oid ?? 0, Effects.CopyIn);
        var copiedInto = ImmutableArray.CreateBuilder<ImmutableArray<ColumnSource>>(given.Length);
        foreach (string name in given)
        {
            copiedInto.Add(target.Column(name)?.Lineage.Sources ?? []);
            // Rows fail all together: one answer.
            walk.Probes.Always(copiedInto[^1], isList: false);
            foreach (ColumnSource source in copiedInto[^1])
                Findings.Use(source.Relation, source.Column, ColumnUse.Written);
        }

        var scope = new Scope(null, null);
        scope.Add(FromItem.Of(target));
        walk.Conditions.Require(node.Child("whereClause"), scope);
        return new StatementParts("COPY") { Copy = format, CopiedInto = copiedInto.MoveToImmutable() };
    }

    // Without a list of columns COPY leaves them out in both directions.
    private static bool IsGenerated(CatalogRelation? relation, string column) => relation?.Column(column) is { IsGenerated: true };

    private static CopyFormat Format(SqlNode node)
    {
        var kind = CopyFormatKind.Text;
        string? delimiter = null, nullText = null, encoding = null;
        char? quote = null, escape = null;
        bool header = false;
        IReadOnlyList<string> forceQuote = [];
        foreach (SqlNode option in node.List("options"))
        {
            string? value = OptionText.Of(option);
            switch (option.Text("defname").ToLowerInvariant())
            {
                case "format":
                    kind = value?.ToLowerInvariant() switch { "csv" => CopyFormatKind.Csv, "binary" => CopyFormatKind.Binary, _ => CopyFormatKind.Text };
                    break;
                case "delimiter":
                    delimiter = value;
                    break;
                case "null":
                    nullText = value;
                    break;
                case "header":
                    header = OptionText.IsOn(option);
                    break;
                case "quote" when value is { Length: 1 }:
                    quote = value[0];
                    break;
                case "escape" when value is { Length: 1 }:
                    escape = value[0];
                    break;
                case "encoding":
                    encoding = value?.ToLowerInvariant();
                    break;
                case "force_quote":
                    forceQuote = option.Child("arg").Is("A_Star") ? ["*"] : ListOf(option.Child("arg"));
                    break;
            }
        }

        bool isCsv = kind == CopyFormatKind.Csv;
        return new CopyFormat(kind, delimiter ?? (isCsv ? "," : "\t"), nullText ?? (isCsv ? "" : "\\N"), quote ?? '"', escape ?? quote ?? '"', header, encoding, forceQuote);
    }

    private static List<string> ListOf(SqlNode list)
    {
        var names = new List<string>();
        foreach (SqlNode item in list.Items())
            names.Add(item.Text("sval"));
        return names;
    }
}
