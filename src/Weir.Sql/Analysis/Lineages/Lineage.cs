using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis.Lineages;

/// <summary>Where a value comes from.</summary>
/// <param name="Sources">Base columns whose values can flow into it; distinct.</param>
/// <param name="IsProvable">False when more can flow in.</param>
/// <param name="IsIdentity">The value is a source's value unchanged.</param>
internal sealed record Lineage(ImmutableArray<ColumnSource> Sources, bool IsProvable, bool IsIdentity)
{
    /// <summary>Constants and the like.</summary>
    public static Lineage None { get; } = new([], IsProvable: true, IsIdentity: false) { IsPlain = true };

    /// <summary>Anything may flow in.</summary>
    public static Lineage Unknown { get; } = new([], IsProvable: false, IsIdentity: false);

    /// <summary>The fields of a row value; null for other values or when they aren't known.</summary>
    public RowShape? Row { get; init; }

    /// <summary>Oid of the type; 0 when not known.</summary>
    public uint Type { get; init; }

    /// <summary>Certainly no row and no array of rows, so that a function over it makes one column.</summary>
    public bool IsPlain { get; init; }

    public static Lineage Union(IEnumerable<Lineage> parts)
    {
        HashSet<ColumnSource>? sources = null;
        Lineage? only = null;
        bool provable = true;
        bool plain = true;
        foreach (Lineage part in parts)
        {
            provable &= part.IsProvable;
            plain &= part.IsPlain;
            if (part.Sources.IsEmpty)
                continue;
            if (only is null)
            {
                only = part;
            }
            else if (!only.Sources.Equals(part.Sources))
            {
                sources ??= [.. only.Sources];
                sources.UnionWith(part.Sources);
            }
        }

        if (only is null)
            return (provable ? None : Unknown) with { IsPlain = plain };
        return new Lineage(sources is null ? only.Sources : [.. sources], provable, IsIdentity: false) { IsPlain = plain };
    }

    public static Lineage Union(params ReadOnlySpan<Lineage> parts) => Union(parts.ToArray().AsEnumerable());

    /// <summary>A value computed from this one.</summary>
    public Lineage Derived() => IsIdentity || Row is not null || Type != 0 ? new Lineage(Sources, IsProvable, IsIdentity: false) { IsPlain = IsPlain } : this;

    public Lineage Unproven() => IsProvable ? this with { IsProvable = false, Row = null } : this;

    /// <summary>A value that comes from here or from there, unchanged (the branches of a set operation).</summary>
    public Lineage Or(Lineage other)
    {
        Lineage union = Union(this, other);
        // A branch without sources (a constant) leaves the values of the other as they are.
        bool identity = (IsIdentity || Sources.IsEmpty) && (other.IsIdentity || other.Sources.IsEmpty) && !union.Sources.IsEmpty;
        return union with { IsIdentity = identity, Row = Row is not null && other.Row is not null ? Row.Or(other.Row) : null, Type = Type == other.Type ? Type : 0 };
    }

    public bool SameAs(Lineage other) =>
        IsProvable == other.IsProvable && IsIdentity == other.IsIdentity && Sources.Length == other.Sources.Length && Sources.All(other.Sources.Contains);
}
