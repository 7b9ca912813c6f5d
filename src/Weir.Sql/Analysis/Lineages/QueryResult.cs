using System.Collections.Immutable;

namespace Weir.Sql.Analysis.Lineages;

/// <summary>The columns that a query returns.</summary>
/// <param name="IsComplete">False when there may be more, or others, than <paramref name="Columns"/> (a <c>*</c> over something unknown).</param>
internal sealed record QueryResult(ImmutableArray<OutputColumn> Columns, bool IsComplete)
{
    public static QueryResult Nothing { get; } = new([], IsComplete: true);

    public static QueryResult Unknown { get; } = new([], IsComplete: false);

    /// <summary>All that may flow out of it, as one value.</summary>
    public Lineage Whole
    {
        get
        {
            Lineage union = Lineage.Union(Columns.Select(c => c.Lineage));
            return IsComplete ? union : union.Unproven();
        }
    }

    public QueryResult Or(QueryResult other)
    {
        bool complete = IsComplete && other.IsComplete && Columns.Length == other.Columns.Length;
        if (!complete)
        {
            // Positions no longer match: whatever flows anywhere may flow into each.
            Lineage all = Lineage.Union(Whole, other.Whole).Unproven();
            return new QueryResult([.. Columns.Select(c => c with { Lineage = all })], IsComplete: false);
        }

        var columns = ImmutableArray.CreateBuilder<OutputColumn>(Columns.Length);
        for (int i = 0; i < Columns.Length; i++)
            columns.Add(Columns[i] with { Lineage = Columns[i].Lineage.Or(other.Columns[i].Lineage) });
        return new QueryResult(columns.MoveToImmutable(), IsComplete: true);
    }

    public QueryResult Renamed(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return this;
        if (!IsComplete)
        {
            // Which column the first name renames isn't known.
            Lineage any = Whole;
            return this with { Columns = [.. names.Select(n => new OutputColumn(n, any))] };
        }

        var columns = Columns.ToBuilder();
        for (int i = 0; i < names.Count && i < columns.Count; i++)
            columns[i] = columns[i] with { Name = names[i] };
        return this with { Columns = columns.ToImmutable() };
    }

    public bool SameAs(QueryResult other)
    {
        if (IsComplete != other.IsComplete || Columns.Length != other.Columns.Length)
            return false;
        for (int i = 0; i < Columns.Length; i++)
        {
            if (!Columns[i].Lineage.SameAs(other.Columns[i].Lineage))
                return false;
        }

        return true;
    }
}
