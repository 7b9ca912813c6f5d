using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Naming;

/// <summary>
/// Gives names the meaning that the server would give them (manual, "The Schema Search Path" and "System Catalog Schema"): temporary objects first (relations
/// and types only), <c>pg_catalog</c> before the rest unless the path says otherwise.
/// </summary>
internal sealed class NameResolver
{
    private const string SystemSchema = "pg_catalog";
    private const string Temp = RelationResolution.TemporarySchema;

    private readonly CatalogSnapshot? _catalog;
    private readonly TemporaryObjects _temporary;

    /// <summary>Null when the path isn't known.</summary>
    private readonly List<string>? _path;

    public NameResolver(CatalogSnapshot? catalog, ImmutableArray<string> searchPath, string currentUser, TemporaryObjects temporary)
    {
        _catalog = catalog;
        _temporary = temporary;
        if (searchPath.IsDefault)
            return;
        _path = [];
        if (!searchPath.Contains(Temp))
            _path.Add(Temp);
        if (!searchPath.Contains(SystemSchema))
            _path.Add(SystemSchema);
        _path.AddRange(searchPath.Select(s => s == "$user" ? currentUser : s));
    }

    public CatalogSnapshot? Catalog => _catalog;

    public TemporaryObjects Temporary => _temporary;

    public string PathKey => _path is null ? "?" : string.Join('\u0001', _path);

    /// <summary>A resolver for the body of a stored definition, all of whose foreign names are qualified.</summary>
    public NameResolver ForDefinitions() => new(_catalog, [], "", TemporaryObjects.None);

    public NameResolver WithPath(ImmutableArray<string> path, string currentUser) => new(_catalog, path, currentUser, _temporary);

    public RelationResolution Relation(SqlNode rangeVar) => Relation(rangeVar.Text("schemaname"), rangeVar.Text("relname"));

    public RelationResolution Relation(string schema, string name)
    {
        if (schema.Length > 0)
            return schema == Temp ? TemporaryOf(name) : Qualified(schema, name);
        if (_path is null)
            return Anywhere(name);

        bool maybeTemporary = false;
        TemporaryRelation? doubtful = null;
        foreach (string entry in _path)
        {
            if (entry == Temp)
            {
                doubtful = _temporary.Relations.GetValueOrDefault(name);
                if (doubtful is { IsDoubtful: false })
                    return TemporaryOf(name);
                maybeTemporary = _temporary.MayHoldOthers;
                continue;
            }

            if (_catalog?.FindRelation(entry, name) is { } found)
            {
                return doubtful is not null || (maybeTemporary && entry != SystemSchema)
                    ? new RelationResolution([found.Name, new QualifiedName(Temp, name)], [found], doubtful, IsCertain: false)
                    : new RelationResolution([found.Name], [found], null, IsCertain: true);
            }
        }

        // Where nothing else has the name, it means the temporary relation or nothing.
        return doubtful is not null && _catalog is not null
            ? TemporaryOf(name)
            : new RelationResolution([new QualifiedName("", name)], [], doubtful, IsCertain: false);
    }

    /// <summary>What a new relation of that name will be called.</summary>
    public QualifiedName NewRelation(SqlNode rangeVar)
    {
        string schema = rangeVar.Text("schemaname"), name = rangeVar.Text("relname");
        return schema.Length == 0 && rangeVar.Text("relpersistence") == "t" ? new QualifiedName(Temp, name) : NewObject(schema, name);
    }

    /// <summary>What a new object of that name will be called; without a schema when that is not known.</summary>
    public QualifiedName NewObject(string schema, string name)
    {
        if (schema.Length > 0)
            return new QualifiedName(schema, name);
        string? first = _path?.FirstOrDefault(s => s is not (Temp or SystemSchema) && (_catalog is null || _catalog.Schemas.Contains(s)));
        return new QualifiedName(_catalog is null ? "" : first ?? "", name);
    }

    /// <summary>All functions that a call of that name with so many arguments may mean. Empty: none is known.</summary>
    public ImmutableArray<CatalogFunction> Functions(IReadOnlyList<string> name, int argumentCount)
    {
        if (_catalog is null || name.Count == 0)
            return [];
        ImmutableArray<CatalogFunction> all = _catalog.FindFunctions(name[^1]);
        string? schema = name.Count > 1 ? name[^2] : null;
        var inSight = all.Where(f => schema is not null ? f.Name.Schema == schema : _path is null || _path.Contains(f.Name.Schema)).ToList();
        var accepting = inSight.Where(f => f.Accepts(argumentCount)).ToList();
        return accepting.Count > 0 ? [.. accepting] : [.. inSight];
    }

    /// <summary>Operators of users that the name may mean; <paramref name="isSystem"/> when PostgreSQL has one of that name itself.</summary>
    public ImmutableArray<CatalogOperator> Operators(IReadOnlyList<string> name, out bool isSystem)
    {
        isSystem = false;
        if (_catalog is null || name.Count == 0)
            return [];
        string? schema = name.Count > 1 ? name[^2] : null;
        isSystem = schema is null or SystemSchema && _catalog.SystemOperators.Contains(name[^1]);
        return _catalog.Operators.TryGetValue(name[^1], out var all)
            ? [.. all.Where(o => schema is not null ? o.Schema == schema : _path is null || _path.Contains(o.Schema))]
            : [];
    }

    /// <summary>Types that the name may mean. Empty: none is known (a temporary row type, a wrong name).</summary>
    public ImmutableArray<CatalogType> Types(IReadOnlyList<string> name)
    {
        if (_catalog is null || name.Count == 0)
            return [];
        if (name.Count > 1)
            return _catalog.Types.TryGetValue(new QualifiedName(name[^2], name[^1]), out CatalogType? qualified) ? [qualified] : [];
        if (_path is null)
            return [.. _catalog.Types.Values.Where(t => t.Name.Name == name[0])];
        foreach (string schema in _path)
        {
            if (_catalog.Types.TryGetValue(new QualifiedName(schema, name[0]), out CatalogType? type))
                return [type];
        }

        return [];
    }

    private RelationResolution TemporaryOf(string name) =>
        new([new QualifiedName(Temp, name)], [], _temporary.Relations.GetValueOrDefault(name), IsCertain: true);

    private RelationResolution Qualified(string schema, string name)
    {
        var qualified = new QualifiedName(schema, name);
        return _catalog?.FindRelation(schema, name) is { } found
            ? new RelationResolution([qualified], [found], null, IsCertain: true)
            : new RelationResolution([qualified], [], null, IsCertain: false);
    }

    private RelationResolution Anywhere(string name)
    {
        ImmutableArray<CatalogRelation> all = _catalog is null ? [] : [.. _catalog.RelationsByOid.Values.Where(r => r.Name.Name == name)];
        return new RelationResolution([.. all.Select(r => r.Name), new QualifiedName("", name)], all, _temporary.Relations.GetValueOrDefault(name), IsCertain: false);
    }
}
