using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Scripts;

/// <summary>CREATE TABLE, CREATE SEQUENCE and ALTER TABLE as far as what they make is plain from their text.</summary>
internal sealed class TableDefinitions(CatalogOverlay overlay)
{
    /// <summary>Longer names are cut by the server (NAMEDATALEN).</summary>
    private const int MaxName = 63;

    private const uint BigInt = 20;
    private const uint Boolean = 16;

    private CatalogSnapshot Catalog => overlay.Catalog;

    /// <summary>False when its columns, or what rows in it set off, can't be told.</summary>
    public bool TryCreate(SqlNode node, NameResolver names)
    {
        QualifiedName name = names.NewRelation(node.Plain("relation", "RangeVar"));
        if (name.Schema.Length == 0 || name.Name.Length > MaxName)
            return false;
        // There already: nothing happens with IF NOT EXISTS, and nothing more without.
        if (Catalog.Relations.ContainsKey(name))
            return true;
        if (node.List("inhRelations").Count > 0 || node.Has("ofTypename") || overlay.NewOid() is not { } oid)
            return false;
        var columns = ImmutableArray.CreateBuilder<CatalogColumn>();
        var keys = new List<SqlNode>();
        foreach (SqlNode element in node.List("tableElts"))
        {
            bool isUnderstood = element.Is("ColumnDef") ? TryColumn(element, names, columns, keys) : element.Is("Constraint") && TryConstraint(element, keys);
            if (!isUnderstood)
                return false;
        }

        var relation = new CatalogRelation { Oid = oid, Name = name, Kind = node.Has("partspec") ? 'p' : 'r', RowType = 0, RowSecurity = false };
        relation.Columns = columns.ToImmutable();
        if (keys.Exists(k => Referenced(k, names, name) is null))
            return false;
        overlay.Put(relation);
        foreach (SqlNode key in keys)
            overlay.Reference(relation, Referenced(key, names, name)!.Value, Action(key, "fk_del_action"), Action(key, "fk_upd_action"));
        foreach (CatalogColumn column in relation.Columns.Where(c => c.IsIdentity))
            TryCreateSequence(name with { Name = $"{name.Name}_{column.Name}_seq" });
        return true;
    }

    public bool TryCreateSequence(QualifiedName name)
    {
        if (name.Schema.Length == 0 || name.Name.Length > MaxName)
            return false;
        if (Catalog.Relations.ContainsKey(name))
            return true;
        if (overlay.NewOid() is not { } oid)
            return false;
        var relation = new CatalogRelation { Oid = oid, Name = name, Kind = 'S', RowType = 0, RowSecurity = false };
        relation.Columns =
        [
            new CatalogColumn(1, "last_value", BigInt, true, false, false, null),
            new CatalogColumn(2, "log_cnt", BigInt, true, false, false, null),
            new CatalogColumn(3, "is_called", Boolean, true, false, false, null),
        ];
        overlay.Put(relation);
        return true;
    }

    /// <inheritdoc cref="DefinitionEffects.TryApply"/>
    public bool TryAlter(SqlNode node, NameResolver names)
    {
        if (node.Text("objtype") is "OBJECT_INDEX" or "OBJECT_SEQUENCE")
            return true;
        RelationResolution resolution = names.Relation(node.Plain("relation", "RangeVar"));
        // Nothing has that name: the server skips it, or goes no further.
        if (resolution.Known.IsEmpty && resolution.Temporary is null)
            return true;
        if (node.Text("objtype") is not ("" or "OBJECT_TABLE") || resolution.Relation is not { Parents.IsEmpty: true, Children.IsEmpty: true } relation)
            return false;
        foreach (SqlNode command in node.List("cmds"))
        {
            if (!TryAlter(Catalog.Relations.GetValueOrDefault(relation.Name)!, command, names))
                return false;
        }

        return true;
    }

    private bool TryAlter(CatalogRelation relation, SqlNode command, NameResolver names)
    {
        SqlNode definition = command.Child("def");
        var keys = new List<SqlNode>();
        ImmutableArray<CatalogColumn>.Builder columns;
        switch (command.Text("subtype"))
        {
            case "AT_AddColumn":
                if (relation.Column(definition.Text("colname")) is not null)
                    return true;
                columns = relation.Columns.ToBuilder();
                if (!TryColumn(definition, names, columns, keys))
                    return false;
                break;
            case "AT_DropColumn":
                columns = relation.Columns.ToBuilder();
                columns.RemoveAll(c => c.Name == command.Text("name"));
                break;
            case "AT_AlterColumnType":
                columns = relation.Columns.ToBuilder();
                if (TypeOf(definition.Plain("typeName", "TypeName"), names, out _) is not { } type)
                    return false;
                for (int i = 0; i < columns.Count; i++)
                    columns[i] = columns[i].Name == command.Text("name") ? columns[i] with { Type = type } : columns[i];
                break;
            case "AT_AddConstraint":
                columns = relation.Columns.ToBuilder();
                if (!TryConstraint(definition, keys))
                    return false;
                break;
            case "AT_EnableRowSecurity" or "AT_DisableRowSecurity" or "AT_ForceRowSecurity" or "AT_NoForceRowSecurity":
                return CatalogOverlay.IsNew(relation);
            default:
                return command.Text("subtype") is "AT_ColumnDefault" or "AT_DropNotNull" or "AT_SetNotNull" or "AT_SetStatistics" or "AT_SetOptions" or "AT_ResetOptions" or "AT_SetStorage"
                    or "AT_SetCompression" or "AT_ValidateConstraint" or "AT_DropConstraint" or "AT_ChangeOwner" or "AT_ClusterOn" or "AT_DropCluster" or "AT_SetLogged" or "AT_SetUnLogged"
                    or "AT_SetTableSpace" or "AT_SetRelOptions" or "AT_ResetRelOptions" or "AT_ReplicaIdentity" or "AT_AddIdentity" or "AT_SetIdentity" or "AT_DropIdentity";
        }

        if (keys.Exists(k => Referenced(k, names, relation.Name) is null))
            return false;
        CatalogRelation changed = relation.Copy();
        changed.Columns = columns.ToImmutable();
        overlay.Put(changed);
        foreach (SqlNode key in keys)
            overlay.Reference(changed, Referenced(key, names, relation.Name)!.Value, Action(key, "fk_del_action"), Action(key, "fk_upd_action"));
        return true;
    }

    private bool TryColumn(SqlNode definition, NameResolver names, ImmutableArray<CatalogColumn>.Builder columns, List<SqlNode> keys)
    {
        if (TypeOf(definition.Plain("typeName", "TypeName"), names, out bool isSerial) is not { } type)
            return false;
        bool isGenerated = false, isIdentity = isSerial, isNotNull = isSerial, hasValue = false;
        foreach (SqlNode constraint in definition.List("constraints"))
        {
            string kind = constraint.Text("contype");
            isGenerated |= kind == "CONSTR_GENERATED";
            isIdentity |= kind == "CONSTR_IDENTITY";
            isNotNull |= kind is "CONSTR_NOTNULL" or "CONSTR_PRIMARY" or "CONSTR_IDENTITY";
            hasValue |= kind is "CONSTR_GENERATED" or "CONSTR_DEFAULT";
            if (!TryConstraint(constraint, keys))
                return false;
        }

        // What turns a value into one of a user's type is not in the text.
        if (hasValue && type >= CatalogSnapshot.FirstUserOid && !(Catalog.TypesByOid.TryGetValue(type, out CatalogType? found) && found.Kind == 'e'))
            return false;
        int number = columns.Count == 0 ? 1 : columns.Max(c => c.Number) + 1;
        if (number > 1600)
            return false;
        columns.Add(new CatalogColumn((short)number, definition.Text("colname"), type, isNotNull, isGenerated, isIdentity, null));
        return true;
    }

    /// <summary>Foreign keys are gathered; others set off nothing that their definition did not.</summary>
    private static bool TryConstraint(SqlNode constraint, List<SqlNode> keys)
    {
        string kind = constraint.Text("contype");
        if (kind == "CONSTR_FOREIGN")
            keys.Add(constraint);
        return kind != "CONSTR_EXCLUSION";
    }

    private uint? TypeOf(SqlNode typeName, NameResolver names, out bool isSerial)
    {
        isSerial = false;
        List<string> name = typeName.Names("names");
        if (typeName.Flag("setof") || typeName.Flag("pct_type"))
            return null;
        uint? serial = name is [{ } only] ? only switch { "serial" or "serial4" => 23, "bigserial" or "serial8" => BigInt, "smallserial" or "serial2" => 21, _ => null } : null;
        if (serial is not null && names.Types(name).IsEmpty)
        {
            isSerial = true;
            return serial;
        }

        if (names.Types(name) is not [{ } type])
            return null;
        if (typeName.List("arrayBounds").Count == 0)
            return type.Oid;
        return Catalog.Types.TryGetValue(type.Name with { Name = "_" + type.Name.Name }, out CatalogType? array) && array.Element == type.Oid ? array.Oid : null;
    }

    /// <summary>The relation that a foreign key points to; null when it is not certain.</summary>
    private static QualifiedName? Referenced(SqlNode key, NameResolver names, QualifiedName own)
    {
        SqlNode target = key.Plain("pktable", "RangeVar");
        if (target.Text("relname") == own.Name && (target.Text("schemaname") == own.Schema || (target.Text("schemaname").Length == 0 && names.Relation(target).Known.IsEmpty)))
            return own;
        return names.Relation(target).Relation?.Name;
    }

    private static char Action(SqlNode key, string field) => key.Text(field) is [var action, ..] ? action : 'a';
}
