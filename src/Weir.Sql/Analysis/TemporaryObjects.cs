using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis;

/// <summary>
/// The temporary objects of a session, which stand before all others of the same name. Kept by the session: after every statement
/// that succeeded, <see cref="After"/>; when something was rolled back that had made or dropped one, <see cref="Uncertain"/>.
/// </summary>
/// <param name="Relations">By name.</param>
/// <param name="MayHoldOthers">True when objects may exist that nobody saw being made: then every unqualified name is ambiguous.</param>
public sealed record TemporaryObjects(ImmutableDictionary<string, TemporaryRelation> Relations, bool MayHoldOthers)
{
    public static TemporaryObjects None { get; } = new(ImmutableDictionary.Create<string, TemporaryRelation>(StringComparer.Ordinal), MayHoldOthers: false);

    /// <summary>What was known no longer is.</summary>
    public TemporaryObjects Uncertain() => this with { MayHoldOthers = true };

    /// <summary>The objects after that statement ran.</summary>
    public TemporaryObjects After(StatementAnalysis statement)
    {
        if (!statement.ChangesTemporaryObjects)
            return this;
        if (statement.Command is "DISCARD ALL" or "DISCARD TEMP")
            return None;
        var relations = Relations;
        foreach (TemporaryRelation made in statement.TemporaryMade)
            relations = relations.SetItem(made.Name, made);
        foreach (string dropped in statement.TemporaryDropped)
            relations = relations.Remove(dropped);
        bool told = !statement.TemporaryMade.IsDefaultOrEmpty || !statement.TemporaryDropped.IsDefaultOrEmpty;
        return new TemporaryObjects(relations, MayHoldOthers || !told);
    }
}
