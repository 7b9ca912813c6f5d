using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Statements;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Scripts;

/// <summary>
/// What a definition does to the catalog. Whatever its expressions (defaults, checks, index expressions) call was counted when the definition itself was judged, as part of the same text, and
/// is not repeated.
/// </summary>
/// <param name="unjudged">Names that the definitions have made and of which nothing more is known.</param>
internal sealed class DefinitionEffects(CatalogOverlay overlay, HashSet<string> unjudged)
{
    private readonly TableDefinitions _tables = new(overlay);

    private CatalogSnapshot Catalog => overlay.Catalog;

    /// <summary>False when existing names may mean something else afterwards, nobody can say what.</summary>
    public bool TryApply(SqlNode node, NameResolver names)
    {
        switch (node.Tag)
        {
            case "CreateStmt":
                SqlNode table = node.Plain("relation", "RangeVar");
                return _tables.TryCreate(node, names) || Unjudged(table.Text("relname"));
            case "AlterTableStmt":
                return _tables.TryAlter(node, names);
            case "CreateForeignTableStmt":
                return Unjudged(node.Plain("base", "CreateStmt").Plain("relation", "RangeVar").Text("relname"));
            case "ViewStmt":
                return Unjudged(node.Plain("view", "RangeVar").Text("relname"));
            case "CreateTableAsStmt":
                return Unjudged(node.Plain("into", "IntoClause").Plain("rel", "RangeVar").Text("relname"));
            case "SelectStmt":
                return Unjudged(node.Plain("intoClause", "IntoClause").Plain("rel", "RangeVar").Text("relname"));
            case "CreateSeqStmt":
                return _tables.TryCreateSequence(names.NewRelation(node.Plain("sequence", "RangeVar")));
            case "CreateSchemaStmt":
                return Schema(node);
            case "CreateEnumStmt":
                return Type(NewType(node.Names("typeName"), names), 'e', 0, 'E') || Unjudged(node.Names("typeName")[^1]);
            case "CreateDomainStmt":
                return Domain(node, names) || Unjudged(node.Names("domainname")[^1]);
            case "CompositeTypeStmt":
                return Unjudged(node.Plain("typevar", "RangeVar").Text("relname"));
            case "CreateFunctionStmt":
                return Catalog.FindFunctions(node.Names("funcname")[^1]).IsEmpty && Unjudged(node.Names("funcname")[^1]);
            case "CreateTrigStmt":
                // Rows that go into a new table may do anything from here on; those of an existing one come from many places.
                return names.Relation(node.Plain("relation", "RangeVar")).Relation is { } relation && CatalogOverlay.IsNew(relation) && Mark(relation.Name.Name);
            case "CreateExtensionStmt":
                return node.Flag("if_not_exists") && Catalog.FunctionsByOid.Values.Any(f => f.Extension == node.Text("extname"));
            case "DropStmt":
                return Drop(node, names);
            case "RenameStmt":
                return node.Text("renameType") is "OBJECT_INDEX" or "OBJECT_TABCONSTRAINT";
            default:
                return node.Tag is "IndexStmt" or "CommentStmt" or "GrantStmt" or "AlterDefaultPrivilegesStmt" or "AlterOwnerStmt" or "AlterSeqStmt" or "CreateStatsStmt" or "AlterStatsStmt"
                    or "AlterEnumStmt" or "CreateRoleStmt" or "AlterRoleStmt" or "CreatePublicationStmt" or "AlterPublicationStmt";
        }
    }

    /// <summary>Nothing that exists can mean a name that nothing has.</summary>
    private bool Unjudged(string name) => name.Length > 0 && !overlay.IsTaken(name) && Mark(name);

    private bool Mark(string name)
    {
        unjudged.Add(name);
        return true;
    }

    private bool Schema(SqlNode node)
    {
        string name = node.Text("schemaname");
        if (name.Length == 0 || node.List("schemaElts").Count > 0)
            return false;
        overlay.PutSchema(name);
        return true;
    }

    private bool Domain(SqlNode node, NameResolver names)
    {
        SqlNode over = node.Plain("typeName", "TypeName");
        return over.List("arrayBounds").Count == 0 && names.Types(over.Names("names")) is [{ } based]
            && Type(NewType(node.Names("domainname"), names), 'd', based.Oid, based.Category);
    }

    private bool Type(QualifiedName name, char kind, uint basedOn, char category)
    {
        if (name.Schema.Length == 0 || overlay.NewOid() is not { } oid)
            return false;
        if (!Catalog.Types.ContainsKey(name))
            overlay.Put(new CatalogType(oid, name, kind, 0, 0, basedOn, category));
        return true;
    }

    private static QualifiedName NewType(List<string> name, NameResolver names) =>
        name.Count > 1 ? new QualifiedName(name[^2], name[^1]) : names.NewObject("", name.Count > 0 ? name[^1] : "");

    private bool Drop(SqlNode node, NameResolver names)
    {
        string type = node.Text("removeType");
        if (type is "OBJECT_INDEX" or "OBJECT_STATISTIC_EXT" or "OBJECT_COLLATION" or "OBJECT_PUBLICATION" or "OBJECT_TRIGGER" or "OBJECT_FUNCTION" or "OBJECT_PROCEDURE" or "OBJECT_AGGREGATE" or "OBJECT_ROUTINE")
            return true; // what still counts as there only makes the judgement stricter
        foreach (SqlNode item in node.List("objects"))
        {
            List<string> name = DefinitionNames.Of(item);
            if (name.Count == 0)
                return false;
            switch (type)
            {
                case "OBJECT_SCHEMA":
                    overlay.RemoveSchema(name[^1]);
                    break;
                case "OBJECT_TYPE" or "OBJECT_DOMAIN" when names.Types(name).IsEmpty:
                    break;
                case "OBJECT_TABLE" or "OBJECT_VIEW" or "OBJECT_MATVIEW" or "OBJECT_SEQUENCE" or "OBJECT_FOREIGN_TABLE":
                    if (!DropRelation(names.Relation(name.Count > 1 ? name[^2] : "", name[^1])))
                        return false;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private bool DropRelation(RelationResolution resolution)
    {
        if (resolution.IsTemporary || (resolution.Known.IsEmpty && resolution.Temporary is null))
            return true;
        if (resolution.Relation is not { Children.IsEmpty: true } relation)
            return false;
        overlay.Remove(relation);
        return true;
    }
}
