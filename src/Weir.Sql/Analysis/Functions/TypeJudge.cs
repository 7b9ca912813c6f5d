using System.Collections.Frozen;
using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Functions;

/// <summary>Types: what casts to them and checks of domains call, and the fields of row types.</summary>
internal sealed class TypeJudge(Walk walk)
{
    public const uint Record = 2249;
    public const uint AnyElement = 2283;
    public const uint AnyCompatible = 5077;
    public const uint AnyArray = 2277;
    public const uint AnyCompatibleArray = 5078;

    private static readonly FrozenSet<uint> Polymorphic = FrozenSet.ToFrozenSet<uint>([2277, AnyElement, 2776, 3500, 3831, 4537, AnyCompatible, 5078, 5079, 5080, 4538, 2276]);

    /// <summary>Types that exist on every server, for when the catalog isn't known.</summary>
    private static readonly FrozenSet<string> SystemNames = FrozenSet.ToFrozenSet(
        ["text", "date", "uuid", "json", "jsonb", "bytea", "inet", "cidr", "money", "xml", "name", "oid", "regclass", "regproc", "tsvector", "tsquery", "citext"], StringComparer.Ordinal);

    /// <summary>Whether the type is an array, or the sign for one whose type isn't known.</summary>
    public bool IsArray(uint type) => type == AnyArray || walk.Names.Catalog?.TypesByOid.TryGetValue(type, out CatalogType? found) == true && found.Category == 'A';

    public static bool IsPolymorphic(uint type) => Polymorphic.Contains(type);

    /// <summary>A cast; gives the oid of the type, 0 when it isn't known.</summary>
    public uint Cast(SqlNode typeName, SqlNode argument, Lineage value)
    {
        _ = argument;
        _ = value;
        return Use(typeName, isCast: true);
    }

    /// <summary>Whether all types that the name may mean are plain ones, arrays of such included.</summary>
    public bool IsPlain(SqlNode typeName)
    {
        ImmutableArray<CatalogType> types = walk.Names.Types(typeName.Names("names"));
        return !types.IsEmpty && types.All(t => walk.Names.Catalog!.IsPlain(t.Oid));
    }

    /// <summary>A type that values are turned into.</summary>
    public uint Use(SqlNode typeName) => Use(typeName, isCast: true);

    private uint Use(SqlNode typeName, bool isCast)
    {
        List<string> name = typeName.Names("names");
        if (name.Count == 0)
            return 0;
        ImmutableArray<CatalogType> types = walk.Names.Types(name);
        if (types.IsEmpty)
        {
            bool isSystem = walk.Names.Catalog is null && (name is ["pg_catalog", _] || name is [{ } only] && SystemNames.Contains(only));
            if (!isSystem)
            {
                walk.Findings.UsesNames = true;
                bool isTemporary = walk.Names.Temporary.Relations.ContainsKey(name[^1]);
                walk.Findings.HasUnresolvedNames |= walk.Names.Catalog is not null && !isTemporary;
                if (!isTemporary)
                    walk.Findings.Function(new FunctionReference([new QualifiedName(name.Count > 1 ? name[^2] : "", name[^1])], FunctionVolatility.Unknown, MayWrite: true, Indirect: true));
            }

            return 0;
        }

        if (types.Any(t => t.Oid >= CatalogSnapshot.FirstUserOid))
            walk.Findings.UsesNames = true;
        foreach (CatalogType type in types)
        {
            if (isCast)
                CastTo(type.Oid);
            else
                Coerce(type.Oid);
        }

        if (types.Length != 1)
            return 0;
        if (typeName.List("arrayBounds").Count == 0)
            return types[0].Oid;
        return walk.Names.Catalog!.Types.TryGetValue(types[0].Name with { Name = "_" + types[0].Name.Name }, out CatalogType? array) && array.Element == types[0].Oid ? array.Oid : AnyArray;
    }

    /// <summary>A value becomes one of that type by a cast that users may have made, or through its parts.</summary>
    public void CastTo(uint type)
    {
        if (walk.Names.Catalog is not { } catalog)
            return;
        foreach (CatalogType part in PartsOf(catalog, type))
        {
            if (catalog.CastsByTarget.TryGetValue(part.Oid, out ImmutableArray<CatalogCast> casts))
            {
                foreach (CatalogCast cast in casts)
                    walk.Functions.Oid(cast.Function, Lineage.None);
            }

            Check(part);
        }
    }

    /// <summary>A value is stored or passed as one of that type: its domains are checked.</summary>
    public void Coerce(uint type)
    {
        if (type < CatalogSnapshot.FirstUserOid || walk.Names.Catalog is not { } catalog)
            return;
        foreach (CatalogType part in PartsOf(catalog, type))
            Check(part);
    }

    /// <summary>The fields of a row type; null when it is none.</summary>
    public RowShape? Shape(uint type, Lineage value)
    {
        if (type == 0 || walk.Names.Catalog is not { } catalog || !catalog.TypesByOid.TryGetValue(type, out CatalogType? found))
            return null;
        for (int i = 0; found.Kind == 'd' && i < 8; i++)
        {
            if (!catalog.TypesByOid.TryGetValue(found.BaseType, out found))
                return null;
        }

        if (found.Kind != 'c' || !catalog.RelationsByOid.TryGetValue(found.Relation, out CatalogRelation? relation))
            return null;
        Lineage part = value.Derived();
        return new RowShape([.. relation.Columns.Select(c => new OutputColumn(c.Name, part with { Type = c.Type, IsPlain = catalog.IsPlain(c.Type) }))]);
    }

    private void Check(CatalogType type)
    {
        foreach (string check in type.Checks)
        {
            Findings findings = StoredExpressions.Check(walk, check, scope: null);
            walk.Findings.Absorb(findings, Absorbed.Body);
        }
    }

    private static IEnumerable<CatalogType> PartsOf(CatalogSnapshot catalog, uint type)
    {
        var seen = new HashSet<uint>();
        var pending = new Stack<uint>();
        pending.Push(type);
        while (pending.TryPop(out uint next))
        {
            if (next == 0 || !seen.Add(next) || !catalog.TypesByOid.TryGetValue(next, out CatalogType? found))
                continue;
            yield return found;
            pending.Push(found.Element);
            pending.Push(found.BaseType);
            if (found.Kind == 'c' && catalog.RelationsByOid.TryGetValue(found.Relation, out CatalogRelation? relation))
            {
                foreach (CatalogColumn column in relation.Columns)
                {
                    if (column.Type >= CatalogSnapshot.FirstUserOid)
                        pending.Push(column.Type);
                }
            }
        }
    }
}
