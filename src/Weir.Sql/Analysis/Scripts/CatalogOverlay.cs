using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Scripts;

/// <summary>A catalog under the definitions of the statements of one text that come before the present one. What is new has oids that no server has given yet.</summary>
internal sealed class CatalogOverlay(CatalogSnapshot catalog)
{
    private const uint FirstNewOid = 0xFF00_0000;

    private uint _nextOid = FirstNewOid;

    public CatalogSnapshot Catalog { get; private set; } = catalog;

    /// <summary>Another that has taken the same definitions so far.</summary>
    public CatalogOverlay Fork() => new(Catalog) { _nextOid = _nextOid };

    /// <summary>Made by the same text.</summary>
    public static bool IsNew(CatalogRelation relation) => relation.Oid >= FirstNewOid;

    /// <summary>Null when oids of that height are in use, or too much is new: then nothing is certain.</summary>
    public uint? NewOid() => _nextOid < uint.MaxValue && !Catalog.RelationsByOid.ContainsKey(_nextOid) && !Catalog.TypesByOid.ContainsKey(_nextOid) ? _nextOid++ : null;

    public void Put(CatalogRelation relation) => Catalog = Catalog.With(c => c with
    {
        Relations = c.Relations.With(relation.Name, relation),
        RelationsByOid = c.RelationsByOid.With(relation.Oid, relation),
    });

    public void Remove(CatalogRelation relation) => Catalog = Catalog.With(c => c with
    {
        Relations = c.Relations.With(relation.Name, null),
        RelationsByOid = c.RelationsByOid.With(relation.Oid, null),
    });

    public void Put(CatalogType type) => Catalog = Catalog.With(c => c with
    {
        Types = c.Types.With(type.Name, type),
        TypesByOid = c.TypesByOid.With(type.Oid, type),
    });

    public void PutSchema(string name) => Catalog = Catalog.With(c => c with { Schemas = c.Schemas.Add(name) });

    /// <summary>A schema with all that is in it; functions stay, since more candidates of a name are never judged more mildly.</summary>
    public void RemoveSchema(string name)
    {
        foreach (CatalogRelation relation in Catalog.RelationsByOid.Values.Where(r => r.Name.Schema == name).ToImmutableArray())
            Remove(relation);
        ImmutableArray<CatalogType> types = [.. Catalog.TypesByOid.Values.Where(t => t.Name.Schema == name)];
        Catalog = Catalog.With(c =>
        {
            foreach (CatalogType type in types)
                c = c with { Types = c.Types.With(type.Name, null), TypesByOid = c.TypesByOid.With(type.Oid, null) };
            return c with { Schemas = c.Schemas.Remove(name) };
        });
    }

    /// <summary>Whether any schema holds a relation or type of that name.</summary>
    public bool IsTaken(string name) => Catalog.RelationsByOid.Values.Any(r => r.Name.Name == name) || Catalog.TypesByOid.Values.Any(t => t.Name.Name == name);

    /// <summary>Notes a foreign key on both of its sides.</summary>
    public void Reference(CatalogRelation from, QualifiedName to, char onDelete, char onUpdate)
    {
        if (!Catalog.Relations.TryGetValue(to, out CatalogRelation? referenced))
            return;
        var key = new CatalogConstraint(from.Oid, 0, referenced.Oid, onDelete, onUpdate, null);
        CatalogRelation source = Catalog.Relations.GetValueOrDefault(from.Name)!.Copy();
        source.Constraints = source.Constraints.Add(key);
        Put(source);
        CatalogRelation target = Catalog.Relations.GetValueOrDefault(to)!.Copy();
        target.ReferencedBy = target.ReferencedBy.Add(key);
        Put(target);
    }
}
