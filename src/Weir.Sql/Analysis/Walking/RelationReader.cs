using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Walking;

/// <summary>The columns of relations, views looked through.</summary>
internal static class RelationReader
{
    /// <summary>Columns with their lineage; when the relation is read, also what its view's query and its row security call.</summary>
    public static QueryResult Columns(Walk walk, CatalogRelation relation, bool withDescendants, bool isRead)
    {
        if (isRead && relation.RowSecurity)
            walk.Triggers.Policies(relation, 'r');
        if (relation.Definition is null)
            return Base(walk, relation, withDescendants);

        ViewSummary view = View(walk, relation);

        // What a materialized view holds was computed when it was refreshed.
        if (isRead && relation.IsView)
            walk.Findings.Absorb(view.Findings, Absorbed.View);
        return view.Result;
    }

    public static QueryResult Columns(Walk walk, TemporaryRelation temporary, bool isRead)
    {
        if (temporary.View is { } view && isRead)
        {
            walk.Findings.Effect(view.Effects & ~Effects.Create);
            foreach (RelationReference read in view.Relations)
                walk.Findings.Relation(read.Candidates, read.Oid, read.Effects, throughView: true);
            foreach (FunctionReference called in view.Functions)
                walk.Findings.Function(called with { Indirect = true });
            walk.Findings.ReadsOpaqueSource |= view.ReadsOpaqueSource;
            walk.Findings.ReadsOpaqueColumn |= view.ReadsOpaqueColumn;
        }

        if (temporary.Columns.IsDefault)
            return QueryResult.Unknown;
        var name = new QualifiedName(Naming.RelationResolution.TemporarySchema, temporary.Name);
        return new QueryResult(
            [.. temporary.Columns.Select(c => new OutputColumn(c.Name, new Lineage(c.Sources.Add(new ColumnSource(name, 0, c.Name)), c.IsProvable, IsIdentity: true) { IsPlain = true }))],
            IsComplete: true);
    }

    /// <summary>A materialized view's query runs now.</summary>
    public static void Refresh(Walk walk, CatalogRelation relation)
    {
        if (relation is { Kind: 'm', Definition: not null })
            walk.Findings.Absorb(View(walk, relation).Findings, Absorbed.View);
    }

    private static QueryResult Base(Walk walk, CatalogRelation relation, bool withDescendants)
    {
        CatalogSnapshot catalog = walk.Names.Catalog!;
        string key = (withDescendants ? "columns:" : "own columns:") + relation.Oid;
        return (QueryResult)catalog.Memo.GetOrAdd(key, _ => MakeBase(walk, catalog, relation, withDescendants));
    }

    private static QueryResult MakeBase(Walk walk, CatalogSnapshot catalog, CatalogRelation relation, bool withDescendants)
    {
        var family = catalog.Family(relation, withDescendants);
        var columns = ImmutableArray.CreateBuilder<OutputColumn>(relation.Columns.Length);
        foreach (CatalogColumn column in relation.Columns)
        {
            ImmutableArray<ColumnSource> sources = family.Length == 1
                ? [new ColumnSource(relation.Name, relation.Oid, column.Name)]
                : [.. family.Where(r => r.Column(column.Name) is not null).Select(r => new ColumnSource(r.Name, r.Oid, column.Name))];
            ImmutableArray<ColumnSource> generation = Generation(walk, relation, family, column);
            sources = sources.AddRange(generation);
            bool opaque = OpaqueSources.IsOpaque(relation.Name, column.Name);
            columns.Add(new OutputColumn(column.Name, new Lineage(sources, IsProvable: !opaque, IsIdentity: generation.IsEmpty) { Type = column.Type, IsPlain = catalog.IsPlain(column.Type) }));
        }

        return new QueryResult(columns.MoveToImmutable(), IsComplete: true);
    }

    /// <summary>The columns that a generated column is computed from; all of them where its expression can't be read.</summary>
    private static ImmutableArray<ColumnSource> Generation(Walk walk, CatalogRelation relation, ImmutableArray<CatalogRelation> family, CatalogColumn column)
    {
        if (column is not { IsGenerated: true, Default: { } expression })
            return [];
        var names = Definitions.TryReadExpression(walk, expression, node =>
            NodeSearch.All(node, "ColumnRef").SelectMany(r => r.Names("fields")).ToHashSet(StringComparer.Ordinal));
        return
        [
            .. relation.Columns.Where(c => c.Name != column.Name && (names is null || names.Contains(c.Name) || names.Contains(relation.Name.Name)))
                .SelectMany(c => family.Select(r => new ColumnSource(r.Name, r.Oid, c.Name))),
        ];
    }

    private static ViewSummary View(Walk walk, CatalogRelation relation)
    {
        CatalogSnapshot catalog = walk.Names.Catalog!;
        string key = $"view:{relation.Oid}:{walk.BodyNames.PathKey}";
        if (catalog.Memo.TryGetValue(key, out object? known))
            return (ViewSummary)known;
        if (!walk.Run.TryEnter(relation.Oid))
            return ViewSummary.Unreadable("A view refers to too many others to be looked through.");
        try
        {
            ViewSummary summary = Definitions.TryRead(walk, relation.Definition!, statement =>
            {
                Walk inner = walk.ForDefinition();
                QueryResult query = inner.Queries.Query(statement, null, null);
                return new ViewSummary(Own(catalog, relation, query), inner.Findings);
            }) ?? ViewSummary.Unreadable($"The definition of {relation.Name} can't be read.");
            if (walk.Run.MayKeep(relation.Oid))
                catalog.Memo[key] = summary;
            return summary;
        }
        finally
        {
            walk.Run.Leave(relation.Oid);
        }
    }

    /// <summary>The query's columns under the view's names; each may be classified by the view's own name too.</summary>
    private static QueryResult Own(CatalogSnapshot catalog, CatalogRelation view, QueryResult query)
    {
        bool matches = query.IsComplete && query.Columns.Length == view.Columns.Length;
        Lineage any = matches ? Lineage.None : query.Whole.Unproven();
        var columns = ImmutableArray.CreateBuilder<OutputColumn>(view.Columns.Length);
        for (int i = 0; i < view.Columns.Length; i++)
        {
            Lineage from = matches ? query.Columns[i].Lineage : any;
            var own = new ColumnSource(view.Name, view.Oid, view.Columns[i].Name);
            columns.Add(new OutputColumn(view.Columns[i].Name, new Lineage(from.Sources.Add(own), from.IsProvable, from.IsIdentity || from.Sources.IsEmpty) { Type = view.Columns[i].Type, IsPlain = catalog.IsPlain(view.Columns[i].Type) }));
        }

        return new QueryResult(columns.MoveToImmutable(), IsComplete: true);
    }
}
