using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Functions;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Statements;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Walks whole statements. Every statement of PostgreSQL 18's grammar has its decision here or in <see cref="DefinitionWalker"/>; others are unknown.</summary>
internal sealed class StatementWalker(Walk walk)
{
    private Findings Findings => walk.Findings;

    /// <summary>A statement inside a body.</summary>
    public QueryResult Nested(SqlNode node) => Statement(node).Result ?? QueryResult.Nothing;

    public StatementParts Statement(SqlNode node)
    {
        walk.Run.Step();
        switch (node.Tag)
        {
            case "SelectStmt":
                QueryResult selected = walk.Queries.Query(node, null, null);
                Refuse(node);
                return node.Has("intoClause")
                    ? new StatementParts("SELECT INTO") { TemporaryMade = Made(node.Plain("intoClause", "IntoClause"), selected) }
                    : new StatementParts("SELECT") { Result = selected };
            case "InsertStmt":
                return Change(node, "INSERT");
            case "UpdateStmt":
                return Change(node, "UPDATE");
            case "DeleteStmt":
                return Change(node, "DELETE");
            case "MergeStmt":
                return Change(node, "MERGE");
            case "TransactionStmt":
                return TransactionWalker.Transaction(Findings, node);
            case "VariableSetStmt":
                return SettingWalker.Set(Findings, node);
            case "VariableShowStmt":
                return SettingWalker.Show(Findings, node);
            case "DiscardStmt":
                return SettingWalker.Discard(Findings, node);
            case "ConstraintsSetStmt":
                Findings.Effect(Effects.Transaction);
                return new StatementParts("SET CONSTRAINTS");
            case "ListenStmt":
                Findings.Effect(Effects.Session);
                return new StatementParts("LISTEN");
            case "UnlistenStmt":
                Findings.Effect(Effects.Session);
                return new StatementParts("UNLISTEN");
            case "NotifyStmt":
                Findings.Effect(Effects.Notify);
                return new StatementParts("NOTIFY");
            case "PrepareStmt" or "ExecuteStmt" or "DeallocateStmt" or "DeclareCursorStmt" or "FetchStmt" or "ClosePortalStmt" or "ExplainStmt":
                return new SessionObjectWalker(walk, this).Statement(node);
            case "CopyStmt":
                return new CopyWalker(walk).Copy(node);
            case "CallStmt":
                return Call(node);
            case "DoStmt":
                return Do(node);
            case "LockStmt":
                foreach (SqlNode relation in node.List("relations"))
                    Named(relation, Effects.Lock);
                Findings.Effect(Effects.Lock);
                return new StatementParts("LOCK TABLE");
            case "TruncateStmt":
                return Truncate(node);
            case "VacuumStmt":
                return Vacuum(node);
            case "ClusterStmt":
                Named(node.Plain("relation", "RangeVar"), Effects.Maintenance);
                Findings.Effect(Effects.Maintenance);
                return new StatementParts("CLUSTER") { CanRunInTransaction = node.Has("relation") };
            case "ReindexStmt":
                Named(node.Plain("relation", "RangeVar"), Effects.Maintenance);
                Findings.Effect(Effects.Maintenance);
                return new StatementParts("REINDEX")
                {
                    CanRunInTransaction = node.Text("kind") is "REINDEX_OBJECT_INDEX" or "REINDEX_OBJECT_TABLE" or "" && !HasOption(node.List("params"), "concurrently"),
                };
            case "CheckPointStmt":
                Findings.Effect(Effects.Maintenance);
                return new StatementParts("CHECKPOINT");
            case "LoadStmt":
                Findings.Effect(Effects.Program);
                return new StatementParts("LOAD");
            case "RefreshMatViewStmt":
                return Refresh(node);
            default:
                return new DefinitionWalker(walk, this).TryStatement(node) ?? Unknown(node);
        }
    }

    /// <summary>Records what is done to a relation that isn't read by name resolution alone; temporary ones are the session's own.</summary>
    public RelationResolution? Named(SqlNode rangeVar, Effects effects)
    {
        if (rangeVar.IsMissing)
            return null;
        if (walk.IsOwnText)
            Findings.Visited("RangeVar", rangeVar.Location);
        RelationResolution resolution = walk.Names.Relation(rangeVar);
        Findings.Relation(resolution.Candidates, resolution.Relation?.Oid ?? 0, resolution.IsTemporary ? Own(effects) : effects);
        if (rangeVar.Flag("inh"))
        {
            foreach (Catalog.CatalogRelation relation in resolution.Known)
                Findings.Parts(walk, relation, effects & (Effects.Lock | Effects.Alter | Effects.Maintenance | Effects.Truncate));
        }

        return resolution;
    }

    /// <summary>What is done to a session's own temporary objects needs no more than the right to write.</summary>
    public static Effects Own(Effects effects)
    {
        const Effects Definition = Effects.Create | Effects.Alter | Effects.Drop | Effects.Truncate | Effects.Maintenance;
        return (effects & Definition) == 0 ? effects : effects & ~Definition | Effects.Insert | ((effects & (Effects.Drop | Effects.Truncate)) != 0 ? Effects.Delete : Effects.None);
    }

    /// <summary>Names of the statement's options.</summary>
    public static List<string> Options(SqlNode node)
    {
        var names = new List<string>();
        foreach (SqlNode option in node.List("options"))
            names.Add(option.Text("defname"));
        return names;
    }

    public static bool HasOption(SqlNodeList options, string name)
    {
        bool isOn = false;
        foreach (SqlNode option in options)
        {
            if (string.Equals(option.Text("defname"), name, StringComparison.OrdinalIgnoreCase))
                isOn = OptionText.IsOn(option);
        }

        return isOn;
    }

    /// <summary>Refuses what the walk over a statement of the client's own text has left out.</summary>
    public void Refuse(SqlNode node)
    {
        if (walk.IsOwnText)
            Leftovers.Refuse(node, Findings);
    }

    /// <summary>The analysis of a statement inside another, whose findings become part of the outer one's.</summary>
    public StatementAnalysis Inside(SqlNode node, Func<Findings, Findings>? keep = null)
    {
        Walk inner = walk.Apart();
        StatementParts parts = new StatementWalker(inner).Statement(node);
        StatementAnalysis analysis = StatementAssembler.Assemble(inner.Findings, parts, 0, 0);
        if (keep is null)
            Findings.Absorb(inner.Findings, Absorbed.Part);
        else
            Findings.Absorb(keep(inner.Findings), Absorbed.Part);
        return analysis;
    }

    public ImmutableArray<TemporaryRelation> Made(SqlNode into, QueryResult? result)
    {
        QualifiedName name = walk.Names.NewRelation(into.Plain("rel", "RangeVar"));
        if (name.Schema != RelationResolution.TemporarySchema)
            return [];
        QueryResult columns = (result ?? QueryResult.Unknown).Renamed(into.Names("colNames"));
        return [new TemporaryRelation(name.Name, columns.IsComplete
            ? [.. columns.Columns.Select(c => new ResultColumn(c.Name, c.Lineage.Sources, c.Lineage.IsProvable, c.Lineage.IsIdentity))]
            : default) { VanishesAtCommit = into.Text("onCommit") == "ONCOMMIT_DROP" }];
    }

    private StatementParts Change(SqlNode node, string command)
    {
        QueryResult returned = walk.Changes.Change(node, null, null);
        Refuse(node);
        return new StatementParts(command) { Result = node.Has("returningClause") ? returned : null };
    }

    private StatementParts Call(SqlNode node)
    {
        Findings.Effect(Effects.Call);
        Findings.UsesNames = true;
        Lineage value = walk.Bound(() => walk.Expressions.Value(node.Plain("funccall", "FuncCall"), new Scope(null, null)));
        RowShape? row = value.Row;
        return new StatementParts("CALL")
        {
            Result = row is not null ? new QueryResult(row.Fields, IsComplete: true) : new QueryResult([], IsComplete: value.IsProvable && value.Sources.IsEmpty),
        };
    }

    private StatementParts Do(SqlNode node)
    {
        Findings.Effect(Effects.Dynamic);
        Findings.DependsOnLiterals = true;
        Findings.UsesNames = true;
        string source = "", language = "plpgsql";
        foreach (SqlNode option in node.List("args"))
        {
            if (option.Text("defname") == "as")
                source = Constants.TextOf(option.Child("arg")) ?? "";
            else if (option.Text("defname") == "language")
                language = Constants.TextOf(option.Child("arg")) ?? "";
        }

        BodySummary? body = string.Equals(language, "plpgsql", StringComparison.OrdinalIgnoreCase)
            ? new PlpgsqlReader(walk, null, walk.Names, isOwnPath: false).Read(PlpgsqlReader.Block(source))
            : null;
        if (body is null)
        {
            Findings.Note("The body of the DO block can't be read.");
            Findings.ReadsOpaqueSource = true;
        }
        else
        {
            Findings.Absorb(body.Findings, Absorbed.Body);
            Findings.Block = body.Definitions is null ? null : body;
        }

        return new StatementParts("DO");
    }

    private StatementParts Truncate(SqlNode node)
    {
        foreach (SqlNode relation in node.List("relations"))
        {
            RelationResolution? resolution = Named(relation, Effects.Truncate);
            foreach (Catalog.CatalogRelation known in resolution?.Known ?? [])
            {
                foreach (Catalog.CatalogRelation member in walk.Names.Catalog!.Family(known, withDescendants: true).Where(m => m.Oid == known.Oid || !m.Children.Contains(known.Oid)))
                {
                    Findings.Relation([member.Name], member.Oid, Effects.Truncate);
                    walk.Triggers.Truncate(member);
                    if (node.Text("behavior") == "DROP_CASCADE")
                    {
                        foreach (Catalog.CatalogConstraint key in member.ReferencedBy)
                        {
                            if (walk.Names.Catalog.RelationsByOid.TryGetValue(key.Relation, out Catalog.CatalogRelation? referencing))
                                Findings.Relation([referencing.Name], referencing.Oid, Effects.Truncate);
                        }
                    }
                }
            }
        }

        return new StatementParts("TRUNCATE TABLE");
    }

    private StatementParts Vacuum(SqlNode node)
    {
        Findings.Effect(Effects.Maintenance);
        foreach (SqlNode entry in node.List("rels"))
            Named(entry.Plain("relation", "RangeVar"), Effects.Maintenance);
        bool isVacuum = node.Flag("is_vacuumcmd");
        return new StatementParts(isVacuum ? "VACUUM" : "ANALYZE") { CanRunInTransaction = !isVacuum };
    }

    private StatementParts Refresh(SqlNode node)
    {
        RelationResolution? resolution = Named(node.Plain("relation", "RangeVar"), Effects.Maintenance);
        foreach (Catalog.CatalogRelation view in resolution?.Known ?? [])
            RelationReader.Refresh(walk, view);
        return new StatementParts("REFRESH MATERIALIZED VIEW");
    }

    private StatementParts Unknown(SqlNode node)
    {
        Findings.Unknown($"The analysis does not know the statement {node.Tag}.");
        return new StatementParts("UNKNOWN") { Result = QueryResult.Unknown };
    }
}
