using System.Collections.Immutable;
using System.Globalization;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Predicates;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Walks queries and gives the lineage of their columns.</summary>
internal sealed class QueryWalker(Walk walk)
{
    private Findings Findings => walk.Findings;

    private ExpressionWalker Expressions => walk.Expressions;

    /// <summary>A SELECT, VALUES, or a statement with RETURNING inside WITH.</summary>
    /// <param name="into">For an INSERT: the columns that each position is written to.</param>
    public QueryResult Query(SqlNode node, Scope? outer, CteScope? ctes, ImmutableArray<ImmutableArray<ColumnSource>> into = default)
    {
        walk.Run.Step();
        switch (node.Tag)
        {
            case "SelectStmt":
                return Select(node, outer, ctes, into);
            case "InsertStmt" or "UpdateStmt" or "DeleteStmt" or "MergeStmt":
                return walk.Changes.Change(node, outer, ctes);
            default:
                Findings.Unknown($"The analysis does not know the construct {node.Tag}.");
                return QueryResult.Unknown;
        }
    }

    /// <summary>The columns of <c>*</c>, <c>t.*</c> or <c>(value).*</c>; null when the node is none of them.</summary>
    public QueryResult? Star(SqlNode node, Scope scope)
    {
        if (node.Is("ColumnRef") && node.List("fields") is { Count: > 0 } fields && fields[fields.Count - 1].Is("A_Star"))
        {
            if (walk.IsOwnText)
                Findings.Visited(node.Tag, node.Location);
            if (fields.Count == 1)
            {
                foreach (ScopeRelation relation in scope.Relations.Where(r => !r.IsQualifiedOnly))
                    TouchAll(relation);
                return new QueryResult([.. scope.Items.SelectMany(i => i.Columns)], scope.Items.All(i => i.IsComplete));
            }

            string name = fields[fields.Count - 2].Text("sval");
            string schema = fields.Count > 2 ? fields[fields.Count - 3].Text("sval") : "";
            if (scope.Relation(schema, name) is { } qualifier)
            {
                TouchAll(qualifier);
                return new QueryResult(qualifier.Columns, qualifier.IsComplete);
            }

            return walk.Variables?.Find(name) is { Row: { } row } ? new QueryResult(row.Fields, IsComplete: true) : QueryResult.Unknown;
        }

        if (node.Is("A_Indirection") && node.List("indirection") is { Count: > 0 } steps && steps[steps.Count - 1].Is("A_Star"))
        {
            Lineage value = Expressions.Value(node, scope);
            RowShape? row = value.Row ?? walk.Types.Shape(value.Type, value);
            return row is not null ? new QueryResult(row.Fields, IsComplete: true) : new QueryResult([new OutputColumn("", value.Unproven())], IsComplete: false);
        }

        return null;
    }

    public CteScope? With(SqlNode clause, Scope? outer, CteScope? ctes) => clause.IsMissing ? ctes : new CteWalker(walk).Bind(clause, outer, ctes);

    private QueryResult Select(SqlNode node, Scope? outer, CteScope? ctes, ImmutableArray<ImmutableArray<ColumnSource>> into)
    {
        Findings.Effect(Effects.Read);
        CteScope? visible = With(node.Plain("withClause", "WithClause"), outer, ctes);
        QueryResult result;
        Scope scope = new(outer, visible);
        if (node.Text("op") is { Length: > 0 } op and not "SETOP_NONE")
        {
            result = SetOperation(node, op, outer, visible, into);
            OrderByOutput(node, scope, result);
        }
        else if (node.List("valuesLists").Count > 0)
        {
            result = Values(node.List("valuesLists"), scope, into);
            OrderByOutput(node, scope, result);
        }
        else
        {
            result = Plain(node, scope, into);
        }

        walk.Findings.Use(Expressions.Value(node.Child("limitOffset"), scope), ColumnUse.Predicate);
        walk.Findings.Use(Expressions.Value(node.Child("limitCount"), scope), ColumnUse.Predicate);
        Lock(node, scope);
        if (node.Plain("intoClause", "IntoClause") is { Exists: true } target)
            walk.Changes.Into(target, result);
        return result;
    }

    private QueryResult SetOperation(SqlNode node, string op, Scope? outer, CteScope? ctes, ImmutableArray<ImmutableArray<ColumnSource>> into)
    {
        QueryResult left = Query(node.Plain("larg", "SelectStmt"), outer, ctes, into);
        QueryResult right = Query(node.Plain("rarg", "SelectStmt"), outer, ctes, into);
        if (op != "SETOP_UNION" || !node.Flag("all"))
        {
            walk.Functions.Operator(["="]);
            Findings.Use(left.Whole, ColumnUse.Distinct);
            Findings.Use(right.Whole, ColumnUse.Distinct);
        }

        return left.Or(right);
    }

    private QueryResult Values(SqlNodeList rows, Scope scope, ImmutableArray<ImmutableArray<ColumnSource>> into)
    {
        var columns = new List<List<Lineage>>();
        foreach (SqlNode row in rows)
        {
            int i = 0;
            foreach (SqlNode cell in row.Items())
            {
                if (columns.Count <= i)
                    columns.Add([]);
                columns[i].Add(Cell(cell, scope, into, i));
                i++;
            }
        }

        return new QueryResult(
            [.. columns.Select((c, i) => new OutputColumn("column" + (i + 1).ToString(CultureInfo.InvariantCulture), c.Count == 1 ? c[0] : Lineage.Union(c)))],
            IsComplete: true);
    }

    private QueryResult Plain(SqlNode node, Scope scope, ImmutableArray<ImmutableArray<ColumnSource>> into)
    {
        foreach (SqlNode item in node.List("fromClause"))
            scope.Add(walk.From.Item(item, scope));
        walk.Conditions.Require(node.Child("whereClause"), scope);
        SettingsRow? outer = walk.SettingsRow;
        walk.SettingsRow = SettingsView.Row(walk, node, scope);
        QueryResult result = Targets(node.List("targetList"), scope, into);
        walk.SettingsRow = outer;
        Group(node.List("groupClause"), scope, result);
        walk.Conditions.Require(node.Child("havingClause"), scope);
        foreach (SqlNode window in node.List("windowClause"))
            Expressions.Window(window, scope);
        Distinct(node.List("distinctClause"), scope, result);
        foreach (SqlNode item in node.List("sortClause"))
        {
            Findings.Use(ByOutput(item.Child("node"), scope, result, outputFirst: true), ColumnUse.OrderBy);
            if (item.List("useOp").Count > 0)
                walk.Functions.Operator(item.Names("useOp"));
        }

        return result;
    }

    /// <summary>A target list: of a SELECT or of RETURNING.</summary>
    public QueryResult Targets(SqlNodeList targets, Scope scope, ImmutableArray<ImmutableArray<ColumnSource>> into = default)
    {
        var columns = ImmutableArray.CreateBuilder<OutputColumn>();
        bool complete = true;
        foreach (SqlNode target in targets)
        {
            SqlNode value = target.Child("val");
            if (Star(value, scope) is { } star)
            {
                columns.AddRange(star.Columns);
                complete &= star.IsComplete;
                continue;
            }

            string name = target.Text("name") is { Length: > 0 } given ? given : ColumnNames.Of(value);
            columns.Add(new OutputColumn(name, Cell(value, scope, into, columns.Count)));
        }

        return new QueryResult(columns.ToImmutable(), complete);
    }

    private Lineage Cell(SqlNode value, Scope scope, ImmutableArray<ImmutableArray<ColumnSource>> into, int position) =>
        walk.Bound(() => Expressions.Value(value, scope), !into.IsDefault && position < into.Length ? into[position] : default);

    private void Group(SqlNodeList items, Scope scope, QueryResult result)
    {
        foreach (SqlNode item in items)
        {
            if (item.Is("GroupingSet"))
                Group(item.List("content"), scope, result);
            else if (item.Is("RowExpr"))
                Group(item.List("args"), scope, result);
            else
                Findings.Use(ByOutput(item, scope, result, outputFirst: false), ColumnUse.GroupBy);
        }
    }

    private void Distinct(SqlNodeList items, Scope scope, QueryResult result)
    {
        if (items.Count == 0)
            return;
        walk.Functions.Operator(["="]);
        bool any = false;
        foreach (SqlNode item in items)
        {
            if (item.IsMissing)
                continue;
            any = true;
            Findings.Use(ByOutput(item, scope, result, outputFirst: true), ColumnUse.Distinct);
        }

        // DISTINCT without ON stands as one empty item.
        if (!any)
            Findings.Use(result.Whole, ColumnUse.Distinct);
    }

    private void OrderByOutput(SqlNode node, Scope scope, QueryResult result)
    {
        foreach (SqlNode item in node.List("sortClause"))
            Findings.Use(ByOutput(item.Child("node"), scope, result, outputFirst: true), ColumnUse.OrderBy);
    }

    /// <summary>An item of ORDER BY, GROUP BY or DISTINCT ON, which may be the name or number of an output column.</summary>
    private Lineage ByOutput(SqlNode item, Scope scope, QueryResult result, bool outputFirst)
    {
        // Sorting and grouping compare by the operator class of the type.
        walk.Functions.Ambient();
        if (item.Is("A_Const") && item.Has("ival"))
        {
            Findings.DependsOnLiterals = true;
            int position = item.Plain("ival", "Integer").Number("ival");
            return result.IsComplete && position >= 1 && position <= result.Columns.Length ? result.Columns[position - 1].Lineage : result.Whole;
        }

        if (item.Is("ColumnRef") && item.Names("fields") is [{ } name] && item.List("fields").Count == 1
            && result.Columns.FirstOrDefault(c => c.Name == name) is { } output
            && (outputFirst || scope.Columns(name).Count == 0))
        {
            if (walk.IsOwnText)
                Findings.Visited(item.Tag, item.Location);
            return output.Lineage;
        }

        return walk.Bound(() => Expressions.Value(item, scope));
    }

    /// <summary>FOR UPDATE and its kin need the privilege to update and keep others from the rows until the transaction ends, and so they count as an update of them.</summary>
    private void Lock(SqlNode node, Scope scope)
    {
        var locked = new HashSet<ScopeRelation>();
        foreach (SqlNode clause in node.List("lockingClause"))
        {
            var named = new List<SqlNode>();
            foreach (SqlNode relation in clause.List("lockedRels"))
            {
                named.Add(relation);
                if (walk.IsOwnText)
                    Findings.Visited(relation.Tag, relation.Location);
            }

            Findings.Effect(Effects.Update);
            locked.UnionWith(scope.Relations.Where(r => !r.IsQualifiedOnly && (named.Count == 0 || named.Any(n => n.Text("relname") == r.Name))));
        }

        locked.RemoveWhere(r => r is { Schema: RelationResolution.TemporarySchema, IsTemporaryView: false });
        if (locked.Count == 0)
            return;
        foreach (ScopeRelation relation in locked)
        {
            if (relation.Catalog is { Kind: 'r' or 'p' or 'f' } catalog)
            {
                Findings.Relation([catalog.Name], catalog.Oid, Effects.Update);
                Findings.Parts(walk, catalog, Effects.Update);
            }
            else
            {
                LockAllRead();
            }
        }

        var judge = new PredicateJudge(walk, scope);
        bool isLimited = new BoundJudge(walk).IsShort(node) || locked.All(r => judge.Limits(r, node.List("fromClause"), default, [node.Child("whereClause")]));
        Findings.Limit(isLimited ? RowLimit.Limited : RowLimit.Unlimited);
    }

    /// <summary>A lock on a subquery or view is one on every table in it; what is read beside it can't be told apart any more.</summary>
    private void LockAllRead()
    {
        foreach (RelationReference relation in Findings.Relations.Where(r => (r.Effects & Effects.Read) != 0).ToList())
            Findings.Relation(relation.Candidates, relation.Oid, Effects.Update, relation.ThroughView);
    }

    private void TouchAll(ScopeRelation relation)
    {
        foreach (OutputColumn column in relation.Columns)
            walk.From.Touch(relation, column.Name);
    }
}
