using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Written values of the client's by which the database tells whether they exist: in unique columns, and in those that reference others.</summary>
internal sealed class ValueProbes(Walk walk)
{
    /// <summary>Functions of the system, which nobody can shadow, whose result nobody chooses.</summary>
    private static readonly HashSet<string> Makers = new(StringComparer.Ordinal) { "nextval", "gen_random_uuid", "uuidv4", "uuidv7", "now", "clock_timestamp", "statement_timestamp", "transaction_timestamp" };

    /// <param name="value">As it stands in the statement.</param>
    /// <param name="targets">Base columns that it is written to.</param>
    /// <param name="isList">The statement tells of more than one value.</param>
    public void Value(SqlNode value, ImmutableArray<ColumnSource> targets, bool isList)
    {
        if (!IsMadeByServer(value))
            Always(targets, isList);
    }

    /// <inheritdoc cref="Value"/>
    public void Always(ImmutableArray<ColumnSource> targets, bool isList)
    {
        if (walk.Names.Catalog is not { } catalog)
            return;
        ColumnUse use = ColumnUse.Probed | (isList ? ColumnUse.Predicate : ColumnUse.None);
        foreach (ColumnSource target in targets)
        {
            if (!catalog.RelationsByOid.TryGetValue(target.RelationOid, out CatalogRelation? relation) || relation.Column(target.Column) is not { } column)
                continue;
            if (relation.UniqueColumns.Contains(column.Number))
                walk.Findings.Use(relation.Name, column.Name, use);
            foreach (CatalogConstraint constraint in relation.Constraints)
            {
                int at = constraint.Columns.IndexOf(column.Number);
                if (constraint.Referenced == 0 || at < 0 || at >= constraint.ReferencedColumns.Length || !catalog.RelationsByOid.TryGetValue(constraint.Referenced, out CatalogRelation? other))
                    continue;
                foreach (CatalogColumn referenced in other.Columns)
                {
                    if (referenced.Number == constraint.ReferencedColumns[at])
                        walk.Findings.Use(other.Name, referenced.Name, use);
                }
            }
        }
    }

    private static bool IsMadeByServer(SqlNode value) =>
        value.Is("SetToDefault") || value.Is("SQLValueFunction") || Constants.IsNull(value)
        || (value.Is("FuncCall") && value.Names("funcname") is [.., { } name] names && Makers.Contains(name) && (names.Count == 1 || names[0] == "pg_catalog"));
}
