using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Weir.Policy.Analysis;

namespace Weir.Sql.Catalog;

/// <summary>
/// What a database held when it was asked: immutable, shared by any number of sessions. Made by <see cref="CatalogSnapshotBuilder"/>.
/// </summary>
public sealed class CatalogSnapshot
{
    /// <summary>Oids below belong to the system (manual, "System Catalog Initial Data": FirstNormalObjectId).</summary>
    internal const uint FirstUserOid = 16384;

    private const uint TextType = 25;
    private const uint BlankPaddedType = 1042;
    private const uint VaryingType = 1043;

    private readonly CatalogContents _contents;
    private readonly ConcurrentDictionary<(uint Relation, bool WithDescendants), ImmutableArray<CatalogRelation>> _families = new();
    private readonly ConcurrentDictionary<uint, ImmutableArray<CatalogRelation>> _descendants = new();

    internal CatalogSnapshot(string epoch, int serverVersion, string database, bool isComplete, CatalogContents contents)
    {
        Epoch = epoch;
        ServerVersion = serverVersion;
        Database = database;
        IsComplete = isComplete;
        _contents = contents;
    }

    /// <summary>The answer of <see cref="CatalogQueries.Probe"/> in the transaction that read the rest.</summary>
    public string Epoch { get; }

    /// <summary>Stands for this very snapshot where something must not keep it in memory.</summary>
    public object Identity { get; } = new();

    /// <summary>Estimate of the bytes that it takes up.</summary>
    public long EstimatedBytes => (2048L * RelationsByOid.Count) + (500L * FunctionsByOid.Count) + (200L * TypesByOid.Count);

    /// <summary>As in <c>server_version_num</c>: 150018.</summary>
    public int ServerVersion { get; }

    public string Database { get; }

    /// <summary>False when a section was cut off: a name that is missing may exist all the same.</summary>
    public bool IsComplete { get; }

    /// <summary>Relations, for measuring: a snapshot costs about 2 KiB for each, columns included.</summary>
    public int RelationCount => RelationsByOid.Count;

    internal ImmutableHashSet<string> Schemas => _contents.Schemas;

    internal Layered<uint, CatalogRelation> RelationsByOid => _contents.RelationsByOid;

    internal Layered<QualifiedName, CatalogRelation> Relations => _contents.Relations;

    internal FrozenDictionary<uint, CatalogFunction> FunctionsByOid => _contents.FunctionsByOid;

    internal FrozenDictionary<string, ImmutableArray<CatalogFunction>> Functions => _contents.Functions;

    internal Layered<uint, CatalogType> TypesByOid => _contents.TypesByOid;

    internal Layered<QualifiedName, CatalogType> Types => _contents.Types;

    internal FrozenSet<string> SystemOperators => _contents.SystemOperators;

    internal FrozenDictionary<string, ImmutableArray<CatalogOperator>> Operators => _contents.Operators;

    internal FrozenDictionary<uint, ImmutableArray<CatalogCast>> CastsByTarget => _contents.CastsByTarget;

    /// <summary>Functions of users that run without being named: implicit and assignment casts, operator classes.</summary>
    internal ImmutableArray<uint> AmbientFunctions => _contents.AmbientFunctions;

    internal ImmutableArray<CatalogEventTrigger> EventTriggers => _contents.EventTriggers;

    /// <summary>Results of analysing definitions (views, functions, policies), which stay true as long as the snapshot.</summary>
    internal ConcurrentDictionary<string, object> Memo { get; } = new(StringComparer.Ordinal);

    /// <summary>Functions of users may send notifications: their bodies mention it, or can't be read.</summary>
    public bool MayNotify => (bool)Memo.GetOrAdd("may notify", _ => FunctionsByOid.Values.Any(f => f.Oid >= FirstUserOid && f.Language switch
    {
        "sql" or "plpgsql" => (f.SqlBody ?? f.Source ?? "notify").Contains("notify", StringComparison.OrdinalIgnoreCase) || (f.Source ?? "").Contains("execute", StringComparison.OrdinalIgnoreCase),
        "c" or "internal" => false,
        _ => true,
    }));

    /// <summary>The relation with that oid, such as RowDescription reports it. False for one that the snapshot does not know, temporary ones included.</summary>
    public bool TryFindRelation(uint oid, out QualifiedName name)
    {
        if (RelationsByOid.TryGetValue(oid, out CatalogRelation? relation))
        {
            name = relation.Name;
            return true;
        }

        name = default;
        return false;
    }

    /// <summary>The function with that oid; null when the snapshot does not know it.</summary>
    public FunctionSignature? FindFunction(uint oid) =>
        FunctionsByOid.TryGetValue(oid, out CatalogFunction? function) ? new FunctionSignature(function.Name, function.Arguments, function.ReturnType, function.IsSystem) : null;

    /// <summary>Name of a relation's column by its number (1-based, dropped ones counted); null when the snapshot does not know it.</summary>
    public string? FindColumn(uint relationOid, short number)
    {
        if (RelationsByOid.TryGetValue(relationOid, out CatalogRelation? relation))
        {
            foreach (CatalogColumn column in relation.Columns)
            {
                if (column.Number == number)
                    return column.Name;
            }
        }

        return null;
    }

    /// <summary>What values of a column look like; null for a column that the snapshot does not know.</summary>
    public ValueType? FindType(QualifiedName relation, string column)
    {
        if (!Relations.TryGetValue(relation, out CatalogRelation? found) || found.Column(column) is not { } known)
            return null;
        return TypeOf(known.Type, known.Modifier);
    }

    /// <summary>What values of a type look like, as RowDescription and the catalog name it.</summary>
    /// <param name="modifier">As in pg_attribute.atttypmod; -1 for none.</param>
    public ValueType TypeOf(uint type, int modifier)
    {
        bool isArray = false;
        for (int i = 0; i < 16 && TypesByOid.TryGetValue(type, out CatalogType? found); i++)
        {
            if (found.Kind == 'd')
            {
                modifier = found.Modifier >= 0 ? found.Modifier : modifier;
                type = found.BaseType;
            }
            else if (found is { Category: 'A', Element: not 0 } && !isArray)
            {
                isArray = true;
                type = found.Element;
            }
            else if (found.Kind == 'e')
            {
                return new ValueType(type, isArray, 0, [.. found.Labels.Select(l => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(l)))]);
            }
            else
            {
                type = type >= FirstUserOid && found is { Kind: 'b', Category: 'S' } ? TextType : type;
                break;
            }
        }

        return new ValueType(type, isArray, type is BlankPaddedType or VaryingType && modifier > 4 ? modifier - 4 : 0, []);
    }

    /// <summary>
    /// The relation and all that inherit its classification or give it theirs: ancestors (a partition's column is its parent's) and, since
    /// reading a parent reads its children, descendants.
    /// </summary>
    public ImmutableArray<(QualifiedName Name, uint Oid)> FamilyOf(uint relationOid)
    {
        if (!RelationsByOid.TryGetValue(relationOid, out CatalogRelation? relation))
            return [];
        return [.. Family(relation, withDescendants: true).Select(r => (r.Name, r.Oid))];
    }

    /// <summary>Every relation and its columns, for reports on rules that match nothing.</summary>
    public IEnumerable<(QualifiedName Relation, string Column)> Columns()
    {
        foreach (CatalogRelation relation in RelationsByOid.Values)
        {
            foreach (CatalogColumn column in relation.Columns)
                yield return (relation.Name, column.Name);
        }
    }

    /// <summary>Whether a value of the type is certainly no row and no array of rows.</summary>
    internal bool IsPlain(uint type)
    {
        for (int i = 0; i < 8; i++)
        {
            if (!TypesByOid.TryGetValue(type, out CatalogType? found))
                return false;
            if (found.Kind is 'c' or 'p')
                return found.Name.Name is "void" or "cstring" or "trigger";
            if (found.Kind == 'd')
                type = found.BaseType;
            else if (found.Element != 0)
                type = found.Element;
            else
                return true;
        }

        return false;
    }

    /// <summary>
    /// This catalog as a statement leaves it that is not carried out yet. What was worked out from definitions is worked out again: they may mean something else.
    /// </summary>
    internal CatalogSnapshot With(Func<CatalogContents, CatalogContents> change) => new(Epoch, ServerVersion, Database, IsComplete, change(_contents));

    internal CatalogRelation? FindRelation(string schema, string name) => Relations.GetValueOrDefault(new QualifiedName(schema, name));

    internal ImmutableArray<CatalogFunction> FindFunctions(string name) => Functions.TryGetValue(name, out var found) ? found : [];

    internal ImmutableArray<CatalogRelation> Family(CatalogRelation relation, bool withDescendants)
    {
        if (relation.Parents.IsEmpty && (relation.Children.IsEmpty || !withDescendants))
            return [relation];
        return _families.GetOrAdd((relation.Oid, withDescendants), _ => ComputeFamily(relation, withDescendants));
    }

    /// <summary>Partitions and children of a relation, and theirs: what is done to it without ONLY is done to them.</summary>
    internal ImmutableArray<CatalogRelation> Descendants(CatalogRelation relation)
    {
        if (relation.Children.IsEmpty)
            return [];
        return _descendants.GetOrAdd(relation.Oid, _ =>
        {
            var found = new Dictionary<uint, CatalogRelation>();
            var queue = new Queue<CatalogRelation>([relation]);
            while (queue.TryDequeue(out CatalogRelation? current))
            {
                foreach (uint oid in current.Children)
                {
                    if (oid != relation.Oid && RelationsByOid.TryGetValue(oid, out CatalogRelation? child) && found.TryAdd(oid, child))
                        queue.Enqueue(child);
                }
            }

            return [.. found.Values];
        });
    }

    private ImmutableArray<CatalogRelation> ComputeFamily(CatalogRelation relation, bool withDescendants)
    {
        var seen = new HashSet<uint> { relation.Oid };
        var family = ImmutableArray.CreateBuilder<CatalogRelation>();
        family.Add(relation);
        Follow(relation, static r => r.Parents);
        if (withDescendants)
        {
            Follow(relation, static r => r.Children);
            // A child may have other parents too, whose classification its column shares.
            foreach (CatalogRelation child in family.ToArray())
                Follow(child, static r => r.Parents);
        }

        return family.ToImmutable();

        void Follow(CatalogRelation from, Func<CatalogRelation, ImmutableArray<uint>> next)
        {
            var queue = new Queue<CatalogRelation>();
            queue.Enqueue(from);
            while (queue.TryDequeue(out CatalogRelation? current))
            {
                foreach (uint oid in next(current))
                {
                    if (!RelationsByOid.TryGetValue(oid, out CatalogRelation? relative))
                        continue;
                    if (seen.Add(oid))
                        family.Add(relative);
                    else
                        continue;
                    queue.Enqueue(relative);
                }
            }
        }
    }
}
