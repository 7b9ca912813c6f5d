using Weir.Sql.Analysis.Lineages;

namespace Weir.Sql.Analysis.Naming;

/// <summary>The names that an expression can use: those of its query's FROM, then those of the queries around it.</summary>
internal sealed class Scope(Scope? outer, CteScope? ctes)
{
    private readonly List<FromItem> _items = [];

    public Scope? Outer => outer;

    public CteScope? Ctes { get; init; } = ctes;

    public IReadOnlyList<FromItem> Items => _items;

    /// <summary>Named windows and output names are looked up by the query's walker; this holds relations only.</summary>
    public void Add(FromItem item) => _items.Add(item);

    public IEnumerable<ScopeRelation> Relations => _items.SelectMany(i => i.Relations);

    /// <summary>
    /// Columns of that name in this scope alone. Normally none or one; more when the name is ambiguous, which the server refuses, or
    /// when some relation's columns aren't known.
    /// </summary>
    public List<(OutputColumn Column, ScopeRelation? Relation)> Columns(string name)
    {
        var found = new List<(OutputColumn, ScopeRelation?)>();
        foreach (FromItem item in _items)
        {
            foreach (OutputColumn column in item.Columns)
            {
                if (column.Name == name)
                    found.Add((column, Owner(item, column)));
            }

            foreach (ScopeRelation relation in item.Relations)
            {
                if (!relation.IsComplete && !relation.IsQualifiedOnly && relation.Column(name) is null)
                    found.Add((new OutputColumn(name, relation.Rest), relation));
            }
        }

        return found;
    }

    public ScopeRelation? Relation(string schema, string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            foreach (ScopeRelation relation in scope.Relations)
            {
                if (relation.Name == name && (schema.Length == 0 || relation.Schema == schema))
                    return relation;
            }
        }

        return null;
    }

    private static ScopeRelation? Owner(FromItem item, OutputColumn column)
    {
        foreach (ScopeRelation relation in item.Relations)
        {
            if (!relation.IsQualifiedOnly && relation.Columns.Contains(column))
                return relation;
        }

        return null;
    }
}
