using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Predicates;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Walks INSERT, UPDATE, DELETE and MERGE, wherever they stand.</summary>
internal sealed class ChangeWalker(Walk walk)
{
    private Findings Findings => walk.Findings;

    /// <summary>Gives what RETURNING returns.</summary>
    public QueryResult Change(SqlNode node, Scope? outer, CteScope? ctes)
    {
        CteScope? visible = walk.Queries.With(node.Plain("withClause", "WithClause"), outer, ctes);
        return node.Tag switch
        {
            "InsertStmt" => Insert(node, outer, visible),
            "UpdateStmt" => Update(node, outer, visible),
            "DeleteStmt" => Delete(node, outer, visible),
            _ => Merge(node, outer, visible),
        };
    }

    /// <summary>SELECT INTO and CREATE TABLE AS: the columns of the query are copied into a new relation.</summary>
    public void Into(SqlNode into, QueryResult result)
    {
        SqlNode relation = into.Plain("rel", "RangeVar");
        QualifiedName name = walk.Names.NewRelation(relation);
        bool isTemporary = name.Schema == RelationResolution.TemporarySchema;
        if (walk.IsOwnText)
            Findings.Visited(relation.Tag, relation.Location);
        Findings.Relation([name], 0, isTemporary ? Effects.Insert : Effects.Create);
        Findings.ChangesCatalog |= !isTemporary;
        Findings.ChangesTemporaryObjects |= isTemporary;
        Findings.Use(result.Whole, ColumnUse.CopiedTo);
        if (walk.Names.Catalog is { } catalog)
            EventTriggers(catalog);
    }

    public void EventTriggers(CatalogSnapshot catalog)
    {
        foreach (CatalogEventTrigger trigger in catalog.EventTriggers)
        {
            if (trigger.Event != "login")
                walk.Functions.Oid(trigger.Function, Lineage.None);
        }
    }

    /// <summary>The relation that is changed, and what changing it sets off.</summary>
    /// <param name="change">The statement that changes it; missing when it can't hold the keyword DEFAULT.</param>
    public ScopeRelation Target(SqlNode rangeVar, Effects effects, ImmutableArray<string> given, bool updates = false, SqlNode change = default)
    {
        RelationResolution resolution = walk.Names.Relation(rangeVar);
        ScopeRelation target = walk.From.Named(rangeVar, effects, isTarget: true);
        if (walk.Names.Catalog is not null && resolution.Known.IsEmpty && !resolution.IsTemporary)
            Findings.HasUnresolvedNames = true;
        bool asksDefaults = resolution.Known.Any(r => r.IsView || r.Columns.Any(c => c.Default is not null || c.IsIdentity)) && change.Exists && NodeSearch.All(change, "SetToDefault").Count > 0;
        foreach (CatalogRelation relation in resolution.Known)
            walk.Triggers.React(relation, effects, given, updates, rangeVar.Flag("inh"), asksDefaults);
        if (resolution.Temporary?.View is { } view && walk.Names.Catalog is not null)
            walk.Triggers.Through(view, effects);
        return target;
    }

    private QueryResult Insert(SqlNode node, Scope? outer, CteScope? ctes)
    {
        SqlNode rangeVar = node.Plain("relation", "RangeVar");
        RelationResolution resolution = walk.Names.Relation(rangeVar);
        List<string> named = [];
        foreach (SqlNode column in node.List("cols"))
            named.Add(column.Text("name"));
        SqlNode select = node.Child("selectStmt");
        ImmutableArray<string> given = Given(resolution, named, select);
        bool upserts = node.Plain("onConflictClause", "OnConflictClause").Text("action") == "ONCONFLICT_UPDATE";
        ScopeRelation target = Target(rangeVar, Effects.Insert | (upserts ? Effects.Update : Effects.None), given, upserts, node);

        var into = given.Select(name => Sources(target, name)).ToImmutableArray();
        QueryResult values = select.Exists ? walk.Queries.Query(select, outer, ctes, into) : QueryResult.Nothing;
        Findings.Use(values.Whole, ColumnUse.CopiedTo);
        Written(target, given);
        Probe(target, given, select, node.Plain("onConflictClause", "OnConflictClause").Exists);
        Scope scope = new(outer, ctes);
        foreach (SqlNode column in node.List("cols"))
            walk.Expressions.All(column.List("indirection"), scope);

        var assigned = new Dictionary<string, Lineage>(StringComparer.Ordinal);
        for (int i = 0; i < given.Length && i < values.Columns.Length; i++)
            assigned[given[i]] = values.Columns[i].Lineage;
        if (!values.IsComplete)
            assigned["*"] = values.Whole;

        ScopeRelation stored = target;
        scope.Add(FromItem.Of(target));
        if (node.Plain("onConflictClause", "OnConflictClause") is { Exists: true } conflict)
        {
            stored = With(target, assigned);
            Conflict(conflict, target, stored, select, scope, assigned);
        }

        return Returning(node, outer, ctes, [], target, With(target, assigned));
    }

    private void Conflict(SqlNode conflict, ScopeRelation target, ScopeRelation stored, SqlNode select, Scope scope, Dictionary<string, Lineage> assigned)
    {
        SqlNode infer = conflict.Plain("infer", "InferClause");
        foreach (SqlNode element in infer.List("indexElems"))
            walk.Expressions.Value(element.Child("expr"), scope);
        walk.Conditions.Require(infer.Child("whereClause"), scope);
        if (conflict.Text("action") != "ONCONFLICT_UPDATE")
            return;

        scope.Add(FromItem.Of(new ScopeRelation
        {
            Name = "excluded",
            Columns = stored.Columns,
            IsComplete = stored.IsComplete,
            Catalog = stored.Catalog,
            Rest = stored.Rest,
            IsQualifiedOnly = true,
        }));
        Assign(conflict.List("targetList"), target, scope, assigned);
        walk.Conditions.Require(conflict.Child("whereClause"), scope);

        // One row that comes in changes at most one: what limits those that come in limits those that change.
        if (!IsTemporary(target))
            Findings.Limit(new BoundJudge(walk).IsBounded(select, scope) ? RowLimit.Limited : RowLimit.Unlimited);
    }

    private QueryResult Update(SqlNode node, Scope? outer, CteScope? ctes)
    {
        SqlNode rangeVar = node.Plain("relation", "RangeVar");
        ImmutableArray<string> given = Columns(node.List("targetList"));
        ScopeRelation target = Target(rangeVar, Effects.Update, given, updates: true, node);
        Scope scope = new(outer, ctes);
        scope.Add(FromItem.Of(target));
        foreach (SqlNode item in node.List("fromClause"))
            scope.Add(walk.From.Item(item, scope));
        SqlNode where = node.Child("whereClause");
        walk.Conditions.Require(where, scope);
        var assigned = new Dictionary<string, Lineage>(StringComparer.Ordinal);
        Assign(node.List("targetList"), target, scope, assigned);
        if (target.Catalog is { } catalog)
            SettingsView.Look(walk, catalog, node.Plain("relation", "RangeVar"), node.List("targetList"), where);
        Limit(target, scope, node.List("fromClause"), [where]);
        return Returning(node, outer, ctes, scope.Items.Skip(1), target, With(target, assigned));
    }

    private QueryResult Delete(SqlNode node, Scope? outer, CteScope? ctes)
    {
        ScopeRelation target = Target(node.Plain("relation", "RangeVar"), Effects.Delete, []);
        Scope scope = new(outer, ctes);
        scope.Add(FromItem.Of(target));
        foreach (SqlNode item in node.List("usingClause"))
            scope.Add(walk.From.Item(item, scope));
        SqlNode where = node.Child("whereClause");
        walk.Conditions.Require(where, scope);
        Limit(target, scope, node.List("usingClause"), [where]);
        return Returning(node, outer, ctes, scope.Items.Skip(1), target, target);
    }

    private QueryResult Merge(SqlNode node, Scope? outer, CteScope? ctes)
    {
        var effects = Effects.None;
        var given = new List<string>();
        foreach (SqlNode when in node.List("mergeWhenClauses"))
        {
            effects |= when.Text("commandType") switch
            {
                "CMD_INSERT" => Effects.Insert,
                "CMD_UPDATE" => Effects.Update,
                "CMD_DELETE" => Effects.Delete,
                _ => Effects.None,
            };
            if (when.Text("commandType") == "CMD_UPDATE")
                given.AddRange(Columns(when.List("targetList")));
        }

        SqlNode rangeVar = node.Plain("relation", "RangeVar");
        RelationResolution resolution = walk.Names.Relation(rangeVar);

        // Rows that one branch inserts get defaults where another branch gives values.
        ImmutableArray<string> everywhere = (effects & Effects.Insert) != 0 ? [] : [.. given];
        ScopeRelation target = Target(rangeVar, effects | Effects.Merge | Effects.Read, everywhere, updates: (effects & Effects.Update) != 0, node);
        Scope scope = new(outer, ctes);
        scope.Add(FromItem.Of(target));
        FromItem source = walk.From.Item(node.Child("sourceRelation"), scope);
        scope.Add(source);
        SqlNode join = node.Child("joinCondition");
        walk.Conditions.Require(join, scope);
        var assigned = new Dictionary<string, Lineage>(StringComparer.Ordinal);
        foreach (SqlNode when in node.List("mergeWhenClauses"))
            When(when, resolution, target, scope, join, node, assigned);
        return Returning(node, outer, ctes, [source], target, With(target, assigned), targetLast: true);
    }

    private void When(SqlNode when, RelationResolution resolution, ScopeRelation target, Scope scope, SqlNode join, SqlNode merge, Dictionary<string, Lineage> assigned)
    {
        SqlNode condition = when.Child("condition");
        walk.Conditions.Require(condition, scope);
        string command = when.Text("commandType");
        if (command == "CMD_INSERT")
        {
            ImmutableArray<string> names = when.List("targetList").Count > 0
                ? Columns(when.List("targetList"))
                : resolution.Relation is { } relation ? [.. relation.Columns.Select(c => c.Name)] : [];
            int i = 0;
            foreach (SqlNode value in when.List("values"))
            {
                string name = i < names.Length ? names[i] : "*";
                Lineage lineage = walk.Bound(() => walk.Expressions.Value(value, scope), Sources(target, name));
                Findings.Use(lineage, ColumnUse.CopiedTo);
                Add(assigned, name, lineage);
                walk.Probes.Value(value, Sources(target, name), isList: false);
                i++;
            }

            Written(target, names);
        }
        else if (command == "CMD_UPDATE")
        {
            Assign(when.List("targetList"), target, scope, assigned);
        }

        if (command is "CMD_UPDATE" or "CMD_DELETE")
        {
            bool isMatch = when.Text("matchKind") is "MERGE_WHEN_MATCHED" or "";
            Limit(target, scope, default, isMatch ? [join, condition] : [condition], isMatch ? merge.Child("sourceRelation") : default);
        }
    }

    private void Assign(SqlNodeList assignments, ScopeRelation target, Scope scope, Dictionary<string, Lineage> assigned)
    {
        foreach (SqlNode assignment in assignments)
        {
            string name = assignment.Text("name");
            walk.Expressions.All(assignment.List("indirection"), scope);
            Lineage value = walk.Bound(() => walk.Expressions.Value(assignment.Child("val"), scope), Sources(target, name));

            // x = x copies nothing anywhere.
            if (!(value.IsIdentity && target.Column(name) is { } own && value.SameAs(own.Lineage)))
            {
                Findings.Use(value, ColumnUse.CopiedTo);
                walk.Probes.Value(assignment.Child("val"), Sources(target, name), isList: false);
            }

            Add(assigned, name, value);
            Written(target, [name]);
        }
    }

    /// <summary>Values of an INSERT that the database compares with those of other rows.</summary>
    private void Probe(ScopeRelation target, ImmutableArray<string> given, SqlNode select, bool isConditional)
    {
        SqlNodeList rows = select.List("valuesLists");
        for (int i = 0; i < given.Length; i++)
        {
            ImmutableArray<ColumnSource> sources = Sources(target, given[i]);
            if (rows.Count == 0)
            {
                // One value after the other, each with an answer of its own, unless it is the one row of a SELECT of constants.
                SqlNodeList targets = select.List("targetList");
                if (select.List("fromClause").Count == 0 && i < targets.Count && Constants.IsConstant(targets[i].Child("val")))
                    walk.Probes.Value(targets[i].Child("val"), sources, isList: false);
                else if (select.Exists)
                    walk.Probes.Always(sources, isConditional);
                continue;
            }

            foreach (SqlNode row in rows)
            {
                if (i < row.Items().Count)
                    walk.Probes.Value(row.Items()[i], sources, isConditional && rows.Count > 1);
            }
        }
    }

    private static void Add(Dictionary<string, Lineage> assigned, string name, Lineage value) =>
        assigned[name] = assigned.TryGetValue(name, out Lineage? known) ? known.Or(value) : value;

    private QueryResult Returning(SqlNode node, Scope? outer, CteScope? ctes, IEnumerable<FromItem> others, ScopeRelation before, ScopeRelation after, bool targetLast = false)
    {
        SqlNode clause = node.Plain("returningClause", "ReturningClause");
        if (clause.IsMissing)
            return QueryResult.Nothing;
        Findings.Effect(Effects.Read);
        after = TriggerValues.Added(walk, after);
        string old = "old", changed = "new";
        foreach (SqlNode option in clause.List("options"))
        {
            if (option.Text("option") == "RETURNING_OPTION_OLD")
                old = option.Text("value");
            else
                changed = option.Text("value");
        }

        var scope = new Scope(outer, ctes);
        if (!targetLast)
            scope.Add(FromItem.Of(after));
        foreach (FromItem item in others)
            scope.Add(item);
        if (targetLast)
            scope.Add(FromItem.Of(after));
        scope.Add(Qualified(old, before));
        scope.Add(Qualified(changed, after));
        return walk.Queries.Targets(clause.List("exprs"), scope);

        static FromItem Qualified(string name, ScopeRelation relation) => new([], IsComplete: true, [new ScopeRelation
        {
            Name = name,
            Columns = relation.Columns,
            IsComplete = relation.IsComplete,
            Catalog = relation.Catalog,
            Rest = relation.Rest,
            IsQualifiedOnly = true,
        }]);
    }

    private void Limit(ScopeRelation target, Scope scope, SqlNodeList from, ImmutableArray<SqlNode> conditions, SqlNode source = default)
    {
        if (IsTemporary(target))
            return;
        Findings.Limit(new PredicateJudge(walk, scope).Limits(target, from, source, conditions) ? RowLimit.Limited : RowLimit.Unlimited);
    }

    private static bool IsTemporary(ScopeRelation target) => target is { Schema: RelationResolution.TemporarySchema, IsTemporaryView: false };

    /// <summary>The target with what was assigned to its columns flowing into them.</summary>
    private static ScopeRelation With(ScopeRelation target, Dictionary<string, Lineage> assigned)
    {
        if (assigned.Count == 0)
            return target;
        Lineage everywhere = assigned.GetValueOrDefault("*") ?? Lineage.None;
        return new ScopeRelation
        {
            Name = target.Name,
            Schema = target.Schema,
            Columns = [.. target.Columns.Select(c => c with { Lineage = Mixed(c.Lineage, assigned.GetValueOrDefault(c.Name), everywhere) })],
            IsComplete = target.IsComplete,
            Catalog = target.Catalog,
            Rest = target.Rest,
            IsTarget = true,
            IsTemporaryView = target.IsTemporaryView,
        };

        static Lineage Mixed(Lineage own, Lineage? value, Lineage everywhere)
        {
            Lineage mixed = value is null ? own : own.Or(value);
            return everywhere.Sources.IsEmpty && everywhere.IsProvable ? mixed : mixed.Or(everywhere);
        }
    }

    private void Written(ScopeRelation target, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            foreach (ColumnSource source in Sources(target, name))
                Findings.Use(source.Relation, source.Column, ColumnUse.Written);
        }
    }

    private static ImmutableArray<ColumnSource> Sources(ScopeRelation target, string name) =>
        target.Column(name) is { } column ? column.Lineage.Sources : [.. target.Rest.Sources.Select(s => s with { Column = name })];

    private static ImmutableArray<string> Columns(SqlNodeList targets)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (SqlNode target in targets)
            names.Add(target.Text("name"));
        return names.ToImmutable();
    }

    /// <summary>The columns that an INSERT gives values to, in the order of the values.</summary>
    private static ImmutableArray<string> Given(RelationResolution resolution, List<string> named, SqlNode select)
    {
        if (named.Count > 0)
            return [.. named];
        if (select.IsMissing || resolution.Relation is not { } relation)
            return [];
        int count = int.MaxValue;
        if (select.List("valuesLists") is { Count: > 0 } rows)
            count = rows[0].Items().Count;
        return [.. relation.Columns.Take(count).Select(c => c.Name)];
    }
}
