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

    /// <summary>Something was rolled back: those that are known may be gone, and dropped ones may be back.</summary>
    public TemporaryObjects Uncertain() => new(Relations.SetItems(Relations.Select(r => KeyValuePair.Create(r.Key, r.Value with { IsDoubtful = true }))), MayHoldOthers: true);

    /// <summary>The transaction is over, and with it what was to be dropped then.</summary>
    public TemporaryObjects AfterTransaction() =>
        Relations.Values.Any(r => r.VanishesAtCommit) ? this with { Relations = Relations.RemoveRange(Relations.Where(r => r.Value.VanishesAtCommit).Select(r => r.Key)) } : this;

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
