using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Predicates;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Walks FROM items, and resolves columns against them.</summary>
internal sealed class FromWalker(Walk walk)
{
    private static readonly HashSet<string> SystemColumns = new(StringComparer.Ordinal) { "ctid", "tableoid", "xmin", "xmax", "cmin", "cmax" };

    private Findings Findings => walk.Findings;

    public static bool IsSystemColumn(string name) => SystemColumns.Contains(name);

    public FromItem Item(SqlNode node, Scope scope)
    {
        walk.Run.Step();
        switch (node.Tag)
        {
            case "RangeVar":
                return FromItem.Of(Relation(node, scope));
            case "RangeSubselect":
                return Subselect(node, scope);
            case "JoinExpr":
                return Join(node, scope);
            case "RangeFunction":
                return FromItem.Of(new TableFunctionWalker(walk).Function(node, scope));
            case "RangeTableFunc":
                return FromItem.Of(new TableFunctionWalker(walk).XmlTable(node, scope));
            case "JsonTable":
                return FromItem.Of(new TableFunctionWalker(walk).JsonTable(node, scope));
            case "RangeTableSample":
                Findings.Use(walk.Expressions.All(node.List("args"), scope), ColumnUse.Predicate);
                Findings.Use(walk.Expressions.Value(node.Child("repeatable"), scope), ColumnUse.Predicate);
                walk.Functions.Named(node.Names("method"), Lineage.None);
                return Item(node.Child("relation"), scope);
            default:
                Findings.Unknown($"The analysis does not know the construct {node.Tag}.");
                return new FromItem([], IsComplete: false, [new ScopeRelation { Name = "", Columns = [], IsComplete = false }]);
        }
    }

    /// <summary>A relation that is read.</summary>
    public ScopeRelation Relation(SqlNode rangeVar, Scope scope)
    {
        string name = rangeVar.Text("relname");
        if (rangeVar.Text("schemaname").Length == 0 && scope.Ctes?.Find(name) is { } cte)
        {
            Visited(rangeVar);
            return Aliased(rangeVar, cte.Result, null, cte.IsBounded);
        }

        return Named(rangeVar, Effects.Read);
    }

    /// <summary>A relation of the catalog or of the session, with what is done to it.</summary>
    public ScopeRelation Named(SqlNode rangeVar, Effects effects, bool isTarget = false)
    {
        Visited(rangeVar);
        Findings.UsesNames = true;
        RelationResolution resolution = walk.Names.Relation(rangeVar);
        Findings.Relation(resolution.Candidates, resolution.Relation?.Oid ?? 0, effects);
        if (rangeVar.Flag("inh"))
        {
            foreach (Catalog.CatalogRelation relation in resolution.Known)
                Findings.Parts(walk, relation, effects & Effects.Read);
        }

        return Aliased(rangeVar, ResultOf(resolution, withDescendants: rangeVar.Flag("inh"), isRead: (effects & Effects.Read) != 0), resolution, static () => false, isTarget);
    }

    /// <summary>The columns of whatever a name means.</summary>
    public QueryResult ResultOf(RelationResolution resolution, bool withDescendants, bool isRead)
    {
        var results = new List<QueryResult>();
        foreach (Catalog.CatalogRelation relation in resolution.Known)
            results.Add(RelationReader.Columns(walk, relation, withDescendants, isRead));
        if (resolution.Temporary is { } temporary)
            results.Add(RelationReader.Columns(walk, temporary, isRead));
        if (!resolution.IsCertain || results.Count == 0)
        {
            if (!resolution.IsTemporary)
                Findings.HasUnresolvedNames |= results.Count == 0 && walk.Names.Catalog is not null;
            results.Add(QueryResult.Unknown);
        }

        QueryResult all = results[0];
        foreach (QueryResult other in results.Skip(1))
            all = all.Or(other);
        return all;
    }

    public Lineage Column(SqlNode node, Scope scope)
    {
        var fields = new List<string>();
        foreach (SqlNode field in node.List("fields"))
        {
            if (field.Is("A_Star"))
                return walk.Queries.Star(node, scope)?.Whole.Derived() ?? Lineage.Unknown;
            fields.Add(field.Text("sval"));
        }

        return fields.Count switch
        {
            1 => Unqualified(fields[0], scope),
            >= 2 and <= 4 => Qualified(fields, scope),
            _ => Unresolved(),
        };
    }

    /// <summary>Takes note of a column that can hold anybody's values.</summary>
    public void Touch(ScopeRelation? relation, string column)
    {
        if (relation?.Catalog is { } catalog && OpaqueSources.IsOpaque(catalog.Name, column))
        {
            Findings.ReadsOpaqueColumn = true;
            Findings.ReadsOpaqueSource |= !OpaqueSources.IsHarmlessBeside(catalog.Name, column);
        }
    }

    private Lineage Unqualified(string name, Scope scope)
    {
        for (Scope? level = scope; level is not null; level = level.Outer)
        {
            var found = level.Columns(name);
            if (found.Count > 0)
            {
                foreach (var (_, relation) in found)
                    Touch(relation, name);
                if (found.Count == 1)
                    return found[0].Column.Lineage;
                return Lineage.Union(found.Select(f => f.Column.Lineage));
            }

            if (SystemColumns.Contains(name) && level.Relations.Any(r => r.Catalog is not null))
                return Lineage.None;
        }

        if (scope.Relation("", name) is { } whole)
            return WholeRow(whole);
        return walk.Variables?.Find(name) ?? Unresolved();
    }

    private Lineage Qualified(List<string> fields, Scope scope)
    {
        string column = fields[^1];
        string relationName = fields[^2];
        string schema = fields.Count > 2 ? fields[^3] : "";
        if (scope.Relation(schema, relationName) is { } relation)
        {
            if (relation.Column(column) is { } found)
            {
                Touch(relation, column);
                return found.Lineage;
            }

            if (SystemColumns.Contains(column))
                return Lineage.None;
            if (!relation.IsComplete)
                return relation.Rest;

            // t.f where t has no column f calls the function f on the row (manual, "Using Composite Types in Queries").
            Lineage row = WholeRow(relation);
            walk.Functions.Attribute(column, row);
            return row.Derived();
        }

        if (walk.Variables is { } variables)
        {
            if (variables.Owner == relationName && variables.Find(column) is { } parameter)
                return parameter;
            if (variables.Find(relationName) is { } record)
                return record.Row?.Field(column) ?? record.Derived();
        }

        return Unresolved();
    }

    private Lineage WholeRow(ScopeRelation relation)
    {
        foreach (OutputColumn column in relation.Columns)
            Touch(relation, column.Name);

        // A function that returns one plain value gives a "row" that is the value itself.
        return relation is { Catalog: null, IsComplete: true, Columns: [{ } only] } && only.Name == relation.Name ? only.Lineage : relation.Row();
    }

    private Lineage Unresolved()
    {
        Findings.HasUnresolvedNames = true;
        return Lineage.Unknown;
    }

    private FromItem Subselect(SqlNode node, Scope scope)
    {
        Scope visible = node.Flag("lateral") ? scope : new Scope(scope.Outer, scope.Ctes);
        SqlNode subquery = node.Child("subquery");
        QueryResult result = walk.Queries.Query(subquery, visible, scope.Ctes);
        SqlNode alias = node.Plain("alias", "Alias");
        result = result.Renamed(alias.Names("colnames"));
        return FromItem.Of(new ScopeRelation
        {
            Name = alias.Text("aliasname"),
            Columns = result.Columns,
            IsComplete = result.IsComplete,
            IsBounded = () => new BoundJudge(walk).IsBounded(subquery, visible),
        });
    }

    private FromItem Join(SqlNode node, Scope scope)
    {
        FromItem left = Item(node.Child("larg"), scope);

        // The right side may refer to the left one laterally.
        var lateral = new Scope(scope.Outer, scope.Ctes);
        foreach (FromItem item in scope.Items)
            lateral.Add(item);
        lateral.Add(left);
        FromItem right = Item(node.Child("rarg"), lateral);

        List<string> shared = node.Names("usingClause");
        if (node.Flag("isNatural"))
        {
            shared = [.. left.Columns.Select(c => c.Name).Where(n => right.Columns.Any(c => c.Name == n)).Distinct()];
        }

        var columns = ImmutableArray.CreateBuilder<OutputColumn>();
        foreach (string name in shared)
        {
            Lineage a = left.Columns.FirstOrDefault(c => c.Name == name)?.Lineage ?? Lineage.Unknown;
            Lineage b = right.Columns.FirstOrDefault(c => c.Name == name)?.Lineage ?? Lineage.Unknown;
            walk.Functions.Operator(["="]);
            if (a.IsIdentity && b.IsIdentity)
            {
                Findings.Equated(a, b);
            }
            else
            {
                Findings.Use(a, ColumnUse.JoinKey | ColumnUse.Predicate);
                Findings.Use(b, ColumnUse.JoinKey | ColumnUse.Predicate);
            }

            columns.Add(new OutputColumn(name, a.Or(b)));
        }

        columns.AddRange(left.Columns.Where(c => !shared.Contains(c.Name)));
        columns.AddRange(right.Columns.Where(c => !shared.Contains(c.Name)));
        bool complete = left.IsComplete && right.IsComplete;

        var joined = new Scope(scope.Outer, scope.Ctes);
        joined.Add(left);
        joined.Add(right);
        walk.Conditions.Require(node.Child("quals"), joined);

        SqlNode alias = node.Plain("alias", "Alias");
        if (alias.Exists)
        {
            var result = new QueryResult(columns.ToImmutable(), complete).Renamed(alias.Names("colnames"));
            return FromItem.Of(new ScopeRelation { Name = alias.Text("aliasname"), Columns = result.Columns, IsComplete = complete });
        }

        ImmutableArray<ScopeRelation> relations = [.. left.Relations, .. right.Relations];
        SqlNode usingAlias = node.Plain("join_using_alias", "Alias");
        if (usingAlias.Exists)
        {
            relations = relations.Add(new ScopeRelation
            {
                Name = usingAlias.Text("aliasname"),
                Columns = [.. columns.Take(shared.Count)],
                IsComplete = true,
                IsQualifiedOnly = true,
            });
        }

        return new FromItem(columns.ToImmutable(), complete, relations);
    }

    private static ScopeRelation Aliased(SqlNode rangeVar, QueryResult result, RelationResolution? resolution, Func<bool> isBounded, bool isTarget = false)
    {
        SqlNode alias = rangeVar.Plain("alias", "Alias");
        result = result.Renamed(alias.Names("colnames"));
        QualifiedName? only = resolution?.Candidates is [{ } candidate] ? candidate : null;
        return new ScopeRelation
        {
            Name = alias.Exists ? alias.Text("aliasname") : rangeVar.Text("relname"),
            Schema = alias.Exists ? "" : rangeVar.Text("schemaname") is { Length: > 0 } schema ? schema : only?.Schema ?? "",
            Columns = result.Columns,
            IsComplete = result.IsComplete,
            Catalog = alias.Names("colnames").Count == 0 ? resolution?.Relation : null,
            Rest = resolution is null ? Lineage.Unknown : RestOf(resolution),
            IsBounded = isBounded,
            IsTarget = isTarget,
            IsTemporaryView = resolution?.Temporary?.View is not null,
        };
    }

    private static Lineage RestOf(RelationResolution resolution) =>
        new([.. resolution.Candidates.Select(c => new ColumnSource(c, 0, "*"))], IsProvable: false, IsIdentity: false);

    private void Visited(SqlNode node)
    {
        if (walk.IsOwnText)
            Findings.Visited(node.Tag, node.Location);
    }
}
