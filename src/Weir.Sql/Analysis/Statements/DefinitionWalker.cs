using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Statements;

/// <summary>Statements that define, change and drop objects, roles and rights.</summary>
internal sealed class DefinitionWalker(Walk walk, StatementWalker statements)
{
    private readonly ExposureJudge _exposure = new(walk);

    private Findings Findings => walk.Findings;

    /// <summary>Null for a statement that isn't one of them.</summary>
    public StatementParts? TryStatement(SqlNode node)
    {
        StatementParts? parts = Special(node) ?? Plain(node);
        if (parts is null)
            return null;
        Findings.DependsOnLiterals = true;
        return parts;
    }

    private StatementParts? Special(SqlNode node)
    {
        switch (node.Tag)
        {
            case "CreateTableAsStmt":
                return CreateAs(node);
            case "ViewStmt":
                return View(node);
            case "CreateStmt":
                return Create(node, "CREATE TABLE");
            case "CreateForeignTableStmt":
                return Create(node.Plain("base", "CreateStmt"), "CREATE FOREIGN TABLE");
            case "CreateSeqStmt":
                New(node.Plain("sequence", "RangeVar"));
                return new StatementParts("CREATE SEQUENCE");
            case "DropStmt":
                return Drop(node);
            case "AlterTableStmt":
                return AlterTable(node);
            case "RenameStmt":
                Relation(node, Effects.Alter);
                Renamed(node);
                return RenamedTemporary.Of(walk, node, Changed(Effects.Alter, "ALTER " + Object(node.Text("renameType"), node.Text("relationType"))));
            case "AlterObjectSchemaStmt":
                Relation(node, Effects.Alter);
                _exposure.Relation(node.Plain("relation", "RangeVar"));
                return Changed(Effects.Alter, "ALTER " + Object(node.Text("objectType")));
            case "AlterObjectDependsStmt":
                Relation(node, Effects.Alter);
                return Changed(Effects.Alter, "ALTER " + Object(node.Text("objectType")));
            case "AlterOwnerStmt":
                Relation(node, Effects.Alter | Effects.Grant);
                return Changed(Effects.Alter | Effects.Grant, "ALTER " + Object(node.Text("objectType")));
            case "CreateSchemaStmt":
                Changed(Effects.Create, "");
                foreach (SqlNode element in node.List("schemaElts"))
                    statements.Nested(element);
                return new StatementParts("CREATE SCHEMA");
            case "CreateFunctionStmt":
                return Function(node);
            case "DefineStmt":
                Sweep(node);
                return Changed(Effects.Create, "CREATE " + Object(node.Text("kind")));
            case "IndexStmt":
                Relation(node, Effects.Create);
                Sweep(node);
                _exposure.Conditions(node.Plain("relation", "RangeVar"), node);
                return Changed(Effects.Create, "CREATE INDEX") with { CanRunInTransaction = !node.Flag("concurrent") };
            case "GrantStmt":
                return Grant(node);
            case "RuleStmt" or "CreateTrigStmt" or "CreatePolicyStmt":
                Relation(node, Effects.Create, node.Is("CreatePolicyStmt") ? "table" : "relation");
                Sweep(node);
                _exposure.Conditions(node.Plain(node.Is("CreatePolicyStmt") ? "table" : "relation", "RangeVar"), node);
                if (node.Is("CreateTrigStmt"))
                    _exposure.Trigger(node);
                return Changed(Effects.Create, node.Tag switch { "RuleStmt" => "CREATE RULE", "CreateTrigStmt" => "CREATE TRIGGER", _ => "CREATE POLICY" });
            case "AlterPolicyStmt":
                Relation(node, Effects.Alter, "table");
                Sweep(node);
                _exposure.Conditions(node.Plain("table", "RangeVar"), node);
                return Changed(Effects.Alter, "ALTER POLICY");
            case "CommentStmt" or "SecLabelStmt":
                return Changed(Effects.Alter, node.Is("CommentStmt") ? "COMMENT" : "SECURITY LABEL");
            case "AlterDatabaseStmt":
                return Changed(Effects.Alter, "ALTER DATABASE") with { CanRunInTransaction = !DefinitionNames.Contains(node.List("options"), "tablespace") };
            case "DropSubscriptionStmt":
                return Changed(Effects.Drop | Effects.Replication, "DROP SUBSCRIPTION") with { CanRunInTransaction = false };
            case "CreateRoleStmt":
                return Changed(Effects.Create | Effects.Grant, "CREATE ROLE");
            default:
                return null;
        }
    }

    private StatementParts? Plain(SqlNode node)
    {
        if (!DefinitionTable.Statements.TryGetValue(node.Tag, out var entry))
            return null;
        Relation(node, entry.Effects);
        Sweep(node);
        return Changed(entry.Effects, entry.Tag) with { CanRunInTransaction = entry.CanRunInTransaction };
    }

    private StatementParts CreateAs(SqlNode node)
    {
        SqlNode into = node.Plain("into", "IntoClause");
        bool isMaterialized = node.Text("objtype") == "OBJECT_MATVIEW";
        StatementAnalysis inner = statements.Inside(node.Child("query"));
        QueryResult result = AnalysisReplay.ResultOf(inner) ?? QueryResult.Unknown;
        walk.Changes.Into(into, result);
        string tag = isMaterialized ? "CREATE MATERIALIZED VIEW" : node.Flag("is_select_into") ? "SELECT INTO" : "CREATE TABLE AS";
        return new StatementParts(tag) { Inner = inner, TemporaryMade = isMaterialized ? [] : statements.Made(into, result) };
    }

    /// <summary>A view runs nothing when it is made; what reads it will.</summary>
    private StatementParts View(SqlNode node)
    {
        SqlNode rangeVar = node.Plain("view", "RangeVar");
        QualifiedName name = New(rangeVar);
        Walk inner = walk.Apart();
        StatementParts query = new StatementWalker(inner).Statement(node.Child("query"));
        StatementAnalysis analysis = StatementAssembler.Assemble(inner.Findings, query, 0, 0);
        Findings.HasUnresolvedNames |= inner.Findings.HasUnresolvedNames;
        Findings.UsesNames = true;
        Findings.Effect(inner.Findings.Effects & Effects.Unknown);
        QueryResult columns = (query.Result ?? QueryResult.Unknown).Renamed(node.Names("aliases"));

        // A view under a new name shows what its columns show: as good as a copy. Its conditions are those of whoever makes it.
        Findings.Use(columns.Whole, ColumnUse.CopiedTo);
        foreach (ColumnReference column in analysis.Columns)
        {
            foreach (QualifiedName relation in column.Relations)
                Findings.Use(relation, column.Column, column.Use & ~ColumnUse.Output);
        }

        ImmutableArray<TemporaryRelation> made = [];
        if (name.Schema == RelationResolution.TemporarySchema)
        {
            made = [new TemporaryRelation(name.Name, columns.IsComplete
                ? [.. columns.Columns.Select(c => new ResultColumn(c.Name, c.Lineage.Sources, c.Lineage.IsProvable, c.Lineage.IsIdentity))]
                : default) { View = analysis }];
        }

        return new StatementParts("CREATE VIEW") { Inner = analysis, TemporaryMade = made };
    }

    private StatementParts Create(SqlNode node, string tag)
    {
        SqlNode rangeVar = node.Plain("relation", "RangeVar");
        QualifiedName name = New(rangeVar);
        foreach (SqlNode parent in node.List("inhRelations"))
            statements.Named(parent, Effects.Alter);
        Sweep(node);
        ImmutableArray<TemporaryRelation> made = [];
        if (name.Schema == RelationResolution.TemporarySchema)
        {
            foreach (SqlNode parent in node.List("inhRelations"))
                Inherited(parent);
            bool isPlain = node.List("inhRelations").Count == 0 && !node.Has("ofTypename");
            var columns = ImmutableArray.CreateBuilder<ResultColumn>();
            foreach (SqlNode element in node.List("tableElts"))
            {
                Inherited(element.Plain("relation", "RangeVar"));
                isPlain &= !element.Is("TableLikeClause");
                if (element.Is("ColumnDef"))
                {
                    walk.Types.Use(element.Plain("typeName", "TypeName"));
                    columns.Add(new ResultColumn(element.Text("colname"), [], IsProvable: true, IsIdentity: true));
                }
            }

            made = [new TemporaryRelation(name.Name, isPlain ? columns.ToImmutable() : default) { VanishesAtCommit = node.Text("oncommit") == "ONCOMMIT_DROP" }];
        }

        return new StatementParts(tag) { TemporaryMade = made };
    }

    /// <summary>A temporary relation runs the defaults and checks that it takes over, and nobody looks at it again when rows go into it.</summary>
    private void Inherited(SqlNode rangeVar)
    {
        if (rangeVar.IsMissing)
            return;
        foreach (CatalogRelation relation in walk.Names.Relation(rangeVar).Known)
            walk.Triggers.TakeOver(relation);
    }

    private StatementParts Drop(SqlNode node)
    {
        string type = node.Text("removeType");
        string tag = "DROP " + Object(type);
        var dropped = ImmutableArray.CreateBuilder<string>();
        bool onlyTemporary = CommandTags.IsRelation(type);
        foreach (SqlNode item in node.List("objects"))
        {
            List<string> name = DefinitionNames.Of(item);
            if (CommandTags.IsRelation(type) && name.Count > 0)
            {
                RelationResolution resolution = walk.Names.Relation(name.Count > 1 ? name[^2] : "", name[^1]);
                onlyTemporary &= resolution.IsTemporary;
                Findings.Relation(resolution.Candidates, resolution.Relation?.Oid ?? 0, resolution.IsTemporary ? Effects.Delete : Effects.Drop);
                if (resolution.IsTemporary)
                    dropped.Add(name[^1]);
                foreach (CatalogRelation relation in resolution.Known)
                {
                    foreach (CatalogRelation member in walk.Names.Catalog!.Family(relation, withDescendants: true))
                    {
                        if (member.Oid == relation.Oid || member.Parents.Contains(relation.Oid))
                            Findings.Relation([member.Name], member.Oid, Effects.Drop);
                    }
                }
            }
            else if (CommandTags.IsOnRelation(type) && name.Count > 1)
            {
                RelationResolution resolution = walk.Names.Relation(name.Count > 2 ? name[^3] : "", name[^2]);
                Findings.Relation(resolution.Candidates, resolution.Relation?.Oid ?? 0, Effects.Alter);
            }
            else if (type == "OBJECT_SCHEMA" && walk.Names.Catalog is { } catalog && name.Count > 0)
            {
                foreach (CatalogRelation relation in catalog.RelationsByOid.Values.Where(r => r.Name.Schema == name[^1] && r.Kind != 'c').Take(5_000))
                    Findings.Relation([relation.Name], relation.Oid, Effects.Drop);
            }
        }

        if (onlyTemporary && node.List("objects").Count > 0)
        {
            Findings.ChangesTemporaryObjects = true;
            return new StatementParts(tag) { TemporaryDropped = dropped.ToImmutable() };
        }

        Findings.ChangesTemporaryObjects |= dropped.Count > 0;
        return Changed(Effects.Drop, tag) with { CanRunInTransaction = !node.Flag("concurrent"), TemporaryDropped = dropped.ToImmutable() };
    }

    private void Renamed(SqlNode node)
    {
        SqlNode relation = node.Plain("relation", "RangeVar");
        switch (node.Text("renameType"))
        {
            case "OBJECT_COLUMN" or "OBJECT_ATTRIBUTE":
                _exposure.Column(relation, node.Text("subname"));
                break;
            case "OBJECT_SCHEMA":
                _exposure.Schema(node.Text("subname"));
                break;
            case "OBJECT_TABLE" or "OBJECT_VIEW" or "OBJECT_MATVIEW" or "OBJECT_FOREIGN_TABLE":
                _exposure.Relation(relation);
                break;
        }
    }

    private StatementParts AlterTable(SqlNode node)
    {
        var effects = Effects.Alter;
        foreach (SqlNode command in node.List("cmds"))
        {
            switch (command.Text("subtype"))
            {
                case "AT_DropColumn" or "AT_DropConstraint" or "AT_DetachPartition" or "AT_DetachPartitionFinalize":
                    effects |= Effects.Drop;
                    break;
                case "AT_DropInherit":
                    _exposure.Relation(node.Plain("relation", "RangeVar"));
                    break;
                case "AT_ChangeOwner" or "AT_DisableRowSecurity" or "AT_NoForceRowSecurity" or "AT_EnableRowSecurity" or "AT_ForceRowSecurity":
                    effects |= Effects.Grant;
                    break;
                case "AT_AlterColumnType" when command.Child("def").Child("raw_default").Exists:
                    effects |= Effects.Update; // USING rewrites the values
                    break;
            }

            SqlNode definition = command.Child("def");
            if (definition.Is("PartitionCmd"))
            {
                statements.Named(definition.Plain("name", "RangeVar"), effects);
                if (command.Text("subtype") is "AT_DetachPartition" or "AT_DetachPartitionFinalize")
                    _exposure.Relation(definition.Plain("name", "RangeVar"));
            }
            else if (definition.Is("RangeVar"))
                statements.Named(definition, effects);
        }

        RelationResolution? resolution = statements.Named(node.Plain("relation", "RangeVar"), effects);
        Sweep(node);
        foreach (SqlNode command in node.List("cmds"))
            _exposure.Expressions(node.Plain("relation", "RangeVar"), command);
        bool isTemporary = resolution?.IsTemporary == true;
        string tag = "ALTER " + Object(node.Text("objtype") is { Length: > 0 } type ? type : "OBJECT_TABLE");
        if (isTemporary)
        {
            // Its columns are no longer those that were noted.
            Findings.ChangesTemporaryObjects = true;
            return new StatementParts(tag) { TemporaryMade = [new TemporaryRelation(node.Plain("relation", "RangeVar").Text("relname"), default)] };
        }

        bool isConcurrent = false;
        foreach (SqlNode command in node.List("cmds"))
            isConcurrent |= command.Child("def").Is("PartitionCmd") && command.Child("def").Flag("concurrent");
        return Changed(effects, tag) with { CanRunInTransaction = !isConcurrent };
    }

    private StatementParts Function(SqlNode node)
    {
        var effects = Effects.Create;
        foreach (SqlNode option in node.List("options"))
        {
            if (option.Text("defname") == "language" && Constants.TextOf(option.Child("arg"))?.ToLowerInvariant() is not ("sql" or "plpgsql"))
                effects |= Effects.Program; // C, internal, or a language that isn't confined
        }

        if (node.Plain("returnType", "TypeName").Names("names") is [.., "trigger"])
            _exposure.TriggerFunction(node.Names("funcname"));
        return Changed(effects, node.Flag("is_procedure") ? "CREATE PROCEDURE" : "CREATE FUNCTION");
    }

    private StatementParts Grant(SqlNode node)
    {
        foreach (SqlNode item in node.List("objects"))
        {
            if (item.Is("RangeVar"))
                statements.Named(item, Effects.Grant);
        }

        return Changed(Effects.Grant, node.Flag("is_grant") ? "GRANT" : "REVOKE");
    }

    private StatementParts Changed(Effects effects, string tag)
    {
        Findings.Effect(effects);
        Findings.ChangesCatalog = true;
        if (walk.Names.Catalog is { } catalog)
            walk.Changes.EventTriggers(catalog);
        return new StatementParts(tag);
    }

    /// <summary>A new relation: a temporary one needs no more than the right to write.</summary>
    private QualifiedName New(SqlNode rangeVar)
    {
        if (walk.IsOwnText)
            Findings.Visited("RangeVar", rangeVar.Location);
        QualifiedName name = walk.Names.NewRelation(rangeVar);
        bool isTemporary = name.Schema == RelationResolution.TemporarySchema;
        Findings.Relation([name], 0, isTemporary ? Effects.Insert : Effects.Create);
        if (isTemporary)
            Findings.ChangesTemporaryObjects = true;
        else
            Changed(Effects.Create, "");
        return name;
    }

    private void Relation(SqlNode node, Effects effects, string field = "relation") => statements.Named(node.Plain(field, "RangeVar"), effects);

    /// <summary>
    /// Expressions of a definition (defaults, checks, USING) may run now, on existing rows, or when the planner looks at them: what they call counts.
    /// Their columns are those of the relation that is defined and tell nothing.
    /// </summary>
    private void Sweep(SqlNode node)
    {
        // What is computed once becomes part of the definition, or of the rows: defaults, bounds of partitions, options.
        ColumnUse use = node.Tag is "IndexStmt" or "RuleStmt" or "CreateTrigStmt" or "CreatePolicyStmt" or "AlterPolicyStmt" ? ColumnUse.Predicate : ColumnUse.CopiedTo;
        var open = new Walk(walk.Run, walk.Names, new Findings(), new VariableSet { IsOpen = true }) { IsOwnText = false, BodyNames = walk.BodyNames };
        foreach (SqlNode expression in NodeSearch.All(node, "FuncCall", "TypeCast", "A_Expr"))
            Findings.Use(open.Expressions.Value(expression, new Scope(null, null)), use);
        foreach (FunctionReference function in open.Findings.Functions)
            Findings.Function(function);
        foreach (RelationReference relation in open.Findings.Relations)
        {
            if (relation.Effects != Effects.Read)
                Findings.Relation(relation.Candidates, relation.Oid, relation.Effects, relation.ThroughView);
        }

        Findings.Limit(open.Findings.RowLimit);
        Findings.Effect(open.Findings.Effects & ~Effects.Read);
    }

    private string Object(string type, string relationType = "")
    {
        string name = type is "OBJECT_COLUMN" or "OBJECT_ATTRIBUTE" && relationType.Length > 0 ? relationType : type;
        if (CommandTags.ObjectName(name.Length > 0 ? name : "OBJECT_ACCESS_METHOD") is { } known)
            return known;
        Findings.Unknown($"The analysis does not know the kind of object {type}.");
        return "UNKNOWN";
    }
}
