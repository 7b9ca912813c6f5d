using System.Collections.Immutable;
using System.Globalization;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Walking;

/// <summary>What a change of a relation sets off: triggers, rules, defaults, checks, policies, cascades; and through a view, the change of what lies under it.</summary>
internal sealed class ChangeReactions(Walk walk)
{
    private Findings Findings => walk.Findings;

    /// <param name="given">Columns that get values; the others get their defaults on INSERT.</param>
    /// <param name="updates">Existing rows get new values.</param>
    /// <param name="asksDefaults">The statement uses the keyword DEFAULT: any column may get its default.</param>
    public void React(CatalogRelation relation, Effects effects, ImmutableArray<string> given, bool updates, bool withDescendants, bool asksDefaults = false)
    {
        if (relation.IsSystem)
            SystemCatalog(relation, effects);

        // Rows of partitions and children are theirs, and so are the triggers, the checks and the keys on them.
        if (withDescendants)
            Findings.Parts(walk, relation, effects & (Effects.Update | Effects.Delete | (relation.Kind == 'p' ? Effects.Insert : Effects.None)));
        foreach (CatalogRelation member in withDescendants ? walk.Names.Catalog!.Family(relation, withDescendants: true) : [relation])
        {
            Effects own = member.Oid == relation.Oid ? effects : Passed(relation, effects);
            Findings.ChangesForeignTable |= member.Kind == 'f' && (own & (Effects.Insert | Effects.Update | Effects.Delete)) != 0;
            Triggers(member, own);
            Checks(member, own);
            if ((own & Effects.Delete) != 0)
                Cascade(member, isDelete: true);
            if (updates)
                Cascade(member, isDelete: false);
        }

        Rules(relation, effects);
        Defaults(relation, asksDefaults ? effects | Effects.Insert : effects, asksDefaults ? [] : given);
        if (relation.RowSecurity)
        {
            Policies(relation, 'a');
            Policies(relation, 'w');
            Policies(relation, 'd');
            Policies(relation, 'r');
        }

        if (relation.IsView)
            Under(relation, effects, given, updates, asksDefaults);
    }

    /// <summary>What a change of a relation sets off at a partition or child of it. New rows come to partitions only, and an UPDATE may move rows from one to another.</summary>
    private static Effects Passed(CatalogRelation relation, Effects effects)
    {
        if (relation.Kind != 'p')
            return effects & ~Effects.Insert;
        return (effects & Effects.Update) != 0 ? effects | Effects.Insert | Effects.Delete : effects;
    }

    /// <summary>What the row security of a relation calls.</summary>
    /// <param name="command">As pg_policy.polcmd.</param>
    public void Policies(CatalogRelation relation, char command)
    {
        foreach (CatalogPolicy policy in relation.Policies)
        {
            if (policy.Command != '*' && policy.Command != command)
                continue;
            foreach (string? expression in (ReadOnlySpan<string?>)[policy.Using, policy.WithCheck])
            {
                if (expression is not null)
                    Findings.Absorb(StoredExpressions.Expression(walk, expression), Absorbed.View);
            }
        }
    }

    /// <summary>What every new row of a copy of the relation's definition runs.</summary>
    public void TakeOver(CatalogRelation relation)
    {
        Checks(relation, Effects.Insert);
        Defaults(relation, Effects.Insert, []);
    }

    /// <summary>Rows of a temporary view that was made in this session are rows of what it reads.</summary>
    public void Through(StatementAnalysis view, Effects effects)
    {
        foreach (RelationReference read in view.Relations)
        {
            if ((read.Effects & Effects.Read) == 0)
                continue;
            Findings.Relation(read.Candidates, read.Oid, effects, throughView: true);
            if (walk.Names.Catalog!.RelationsByOid.TryGetValue(read.Oid, out CatalogRelation? relation))
                React(relation, effects, [], (effects & Effects.Update) != 0, withDescendants: true, asksDefaults: true);
        }
    }

    public void Truncate(CatalogRelation relation)
    {
        foreach (CatalogTrigger trigger in relation.Triggers.Where(t => t.OnTruncate))
            walk.Functions.Oid(trigger.Function, Lineage.None);
    }

    /// <summary>Writing to the catalog itself is more than changing rows.</summary>
    private void SystemCatalog(CatalogRelation relation, Effects effects)
    {
        if (relation.Name.Name == "pg_settings" || (effects & ~Effects.Read) == Effects.None)
            return;
        Findings.Relation([relation.Name], relation.Oid, Effects.Alter);
        Findings.ChangesCatalog = true;
    }

    private void Triggers(CatalogRelation relation, Effects effects)
    {
        foreach (CatalogTrigger trigger in relation.Triggers)
        {
            bool fires = trigger.OnInsert && (effects & Effects.Insert) != 0 || trigger.OnUpdate && (effects & Effects.Update) != 0 || trigger.OnDelete && (effects & Effects.Delete) != 0;
            if (!fires)
                continue;
            Definitions.TryRead(walk, trigger.Definition, node =>
            {
                if (node.Child("whenClause") is { Exists: true } when)
                {
                    Walk inner = walk.ForDefinition(new VariableSet { IsOpen = true });
                    inner.Expressions.Value(when, new Scope(null, null));
                    Findings.Absorb(inner.Findings, Absorbed.Body);
                }

                return "";
            });
            Trigger(trigger);
            if (trigger.IsDeferrable && !IsLook(trigger))
                Findings.DefersWrites = true;
        }
    }

    /// <summary>The trigger does nothing but read, and complain perhaps.</summary>
    private bool IsLook(CatalogTrigger trigger) =>
        walk.Names.Catalog!.FunctionsByOid.TryGetValue(trigger.Function, out CatalogFunction? function) && !function.IsSystem && function.Language == "plpgsql"
        && BodyReader.Summary(walk, function) is { } body && (body.Findings.Effects & ~Effects.Read) == 0;

    /// <summary>A trigger whose body is understood has the effects that it has; it is not a call of something that may do anything.</summary>
    private void Trigger(CatalogTrigger trigger)
    {
        CatalogSnapshot catalog = walk.Names.Catalog!;
        if (catalog.FunctionsByOid.TryGetValue(trigger.Function, out CatalogFunction? function) && !function.IsSystem
            && function.Language == "plpgsql" && BodyReader.Summary(walk, function) is { } body
            && (body.Findings.Effects & (Effects.Dynamic | Effects.Call | Effects.Unknown)) == 0)
        {
            Findings.Absorb(body.Findings, Absorbed.Body);
            Findings.Function(new FunctionReference([function.Name], function.Volatility, MayWrite: false, Indirect: true));
            return;
        }

        walk.Functions.Oid(trigger.Function, Lineage.None);
    }

    private void Checks(CatalogRelation relation, Effects effects)
    {
        if ((effects & (Effects.Insert | Effects.Update)) == 0)
            return;
        foreach (CatalogConstraint constraint in relation.Constraints)
        {
            if (constraint.Check is { } check)
                Findings.Absorb(StoredExpressions.Check(walk, check, scope: null), Absorbed.View);
        }

        foreach (string stored in relation.StoredExpressions)
            Findings.Absorb(StoredExpressions.List(walk, stored), Absorbed.View);
        foreach (CatalogColumn column in relation.Columns)
            walk.Types.Coerce(column.Type);
        // Values are cast to what the columns hold, and compared where they must be unique.
        walk.Functions.Ambient();
    }

    private void Defaults(CatalogRelation relation, Effects effects, ImmutableArray<string> given)
    {
        foreach (CatalogColumn column in relation.Columns)
        {
            Findings.DrawsFromSequence |= column.IsIdentity && (effects & Effects.Insert) != 0 && !given.Contains(column.Name);
            if (column.Default is not { } expression)
                continue;
            bool isComputed = column.IsGenerated ? (effects & (Effects.Insert | Effects.Update)) != 0 : (effects & Effects.Insert) != 0 && !given.Contains(column.Name);
            if (isComputed)
                Default(expression);
        }
    }

    /// <summary>DEFAULT as a value of that column.</summary>
    public void Default(string expression)
    {
        Findings stored = StoredExpressions.Default(walk, expression);
        Findings.DrawsFromSequence |= stored.DrawsFromSequence;
        foreach (ColumnReference column in stored.Columns.Where(c => (c.Use & ColumnUse.CopiedTo) != 0))
            Findings.Use(column.Relations[0], column.Column, ColumnUse.CopiedTo);

        // A default that draws from a sequence is part of inserting, not a change of its own.
        if ((stored.Effects & ~(Effects.Read | Effects.Update)) == 0 && stored.Functions.All(f => !f.MayWrite))
            return;
        Findings.Absorb(stored, Absorbed.View);
    }

    private void Cascade(CatalogRelation relation, bool isDelete)
    {
        if (!walk.Run.TryEnter(relation.Oid))
            return;
        foreach (CatalogConstraint key in relation.ReferencedBy)
        {
            if (!walk.Names.Catalog!.RelationsByOid.TryGetValue(key.Relation, out CatalogRelation? referencing))
                continue;
            switch (isDelete ? key.OnDelete : key.OnUpdate)
            {
                case 'c' when isDelete:
                    Findings.Relation([referencing.Name], referencing.Oid, Effects.Delete);
                    React(referencing, Effects.Delete, [], updates: false, withDescendants: true);
                    break;
                case 'c' or 'n' or 'd':
                    Findings.Relation([referencing.Name], referencing.Oid, Effects.Update);
                    React(referencing, Effects.Update, [], updates: true, withDescendants: true);
                    if ((isDelete ? key.OnDelete : key.OnUpdate) == 'd')
                        Defaults(referencing, Effects.Insert, []);
                    break;
            }
        }

        walk.Run.Leave(relation.Oid);
    }

    private void Rules(CatalogRelation relation, Effects effects)
    {
        foreach (CatalogRule rule in relation.Rules)
        {
            bool applies = rule.Event switch { '2' => (effects & Effects.Update) != 0, '3' => (effects & Effects.Insert) != 0, '4' => (effects & Effects.Delete) != 0, _ => true };
            if (applies)
                Findings.Absorb(Rule(relation, rule), Absorbed.Body);
        }
    }

    private Findings Rule(CatalogRelation relation, CatalogRule rule)
    {
        CatalogSnapshot catalog = walk.Names.Catalog!;
        string key = string.Create(CultureInfo.InvariantCulture, $"rule:{relation.Oid}:{rule.Name}:{walk.BodyNames.PathKey}");
        if (catalog.Memo.TryGetValue(key, out object? known))
            return (Findings)known;
        if (walk.Run.Active.Contains(relation.Oid) || !walk.Run.TryEnter(relation.Oid))
            return Unreadable($"The rule {rule.Name} leads to itself.");
        try
        {
            Findings findings = Definitions.TryRead(walk, rule.Definition, node => Actions(relation, node)) ?? Unreadable($"The rule {rule.Name} can't be read.");
            if (walk.Run.MayKeep(relation.Oid))
                catalog.Memo[key] = findings;
            return findings;
        }
        finally
        {
            walk.Run.Leave(relation.Oid);
        }
    }

    private Findings Actions(CatalogRelation relation, SqlNode rule)
    {
        Walk inner = walk.ForDefinition();
        QueryResult columns = RelationReader.Columns(inner, relation, withDescendants: false, isRead: false);
        var scope = new Scope(null, null);
        foreach (string name in (ReadOnlySpan<string>)["old", "new"])
        {
            scope.Add(new FromItem([], IsComplete: true, [new ScopeRelation { Name = name, Columns = columns.Columns, IsComplete = columns.IsComplete, IsQualifiedOnly = true }]));
        }

        inner.Expressions.Value(rule.Child("whereClause"), scope);
        foreach (SqlNode action in rule.List("actions"))
        {
            if (action.Tag is "SelectStmt" or "InsertStmt" or "UpdateStmt" or "DeleteStmt")
                inner.Queries.Query(action, scope, null);
            else
                new StatementWalker(inner).Nested(action);
        }

        return inner.Findings;
    }

    /// <summary>Changes of a view without rules and triggers of its own are made to the relation in its FROM (manual, "Updatable Views").</summary>
    private void Under(CatalogRelation view, Effects effects, ImmutableArray<string> given, bool updates, bool asksDefaults)
    {
        if (view.Definition is not { } definition || !walk.Run.TryEnter(view.Oid))
            return;
        Definitions.TryRead(walk, definition, query =>
        {
            foreach (SqlNode item in query.List("fromClause"))
                Base(item, effects, given, updates, asksDefaults);
            return "";
        });
        walk.Run.Leave(view.Oid);
    }

    private void Base(SqlNode item, Effects effects, ImmutableArray<string> given, bool updates, bool asksDefaults)
    {
        if (item.Is("JoinExpr"))
        {
            Base(item.Child("larg"), effects, given, updates, asksDefaults);
            Base(item.Child("rarg"), effects, given, updates, asksDefaults);
        }
        else if (item.Is("RangeVar") && walk.Names.ForDefinitions().Relation(item).Relation is { } relation)
        {
            Findings.Relation([relation.Name], relation.Oid, effects, throughView: true);
            React(relation, effects, [], updates, withDescendants: true, asksDefaults);
            foreach (string name in given)
            {
                foreach (CatalogRelation member in walk.Names.Catalog!.Family(relation, withDescendants: true))
                {
                    if (member.Column(name) is not null)
                        Findings.Use(member.Name, name, ColumnUse.Written);
                }
            }
        }
    }

    private static Findings Unreadable(string note)
    {
        var findings = new Findings();
        findings.Effect(Effects.Call);
        findings.Note(note);
        return findings;
    }
}
