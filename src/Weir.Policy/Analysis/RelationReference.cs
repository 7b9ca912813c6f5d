using System.Collections.Immutable;

namespace Weir.Policy.Analysis;

/// <summary>
/// A relation that a statement touches. A name that can't be resolved for certain lists every relation it could mean
/// (<see cref="Candidates"/> has more than one entry, or one with an empty schema); it matches every rule that any of them matches.
/// </summary>
/// <param name="Candidates">At least one.</param>
/// <param name="Oid">The relation's oid in the catalog the analysis was made with; 0 when it is not known.</param>
/// <param name="Effects">What the statement does to this very relation (a DELETE … USING b has Delete on its target and Read on b).</param>
/// <param name="ThroughView">True when the statement names a view over it, not the relation itself.</param>
public sealed record RelationReference(
    ImmutableArray<QualifiedName> Candidates,
    uint Oid,
    Effects Effects,
    bool ThroughView = false)
{
    public bool IsAmbiguous => Candidates.Length != 1 || Candidates[0].Schema.Length == 0;
}
