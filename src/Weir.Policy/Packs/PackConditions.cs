using System.Collections.Immutable;
using Weir.Policy.Documents;

namespace Weir.Policy.Packs;

/// <summary>When a rule of a pack applies: the conditions of guardrails, and some that only packs have. All given ones must hold.</summary>
/// <param name="When">Conditions as in documents.</param>
public sealed record PackConditions(GuardrailConditions When)
{
    /// <summary>Command tags (<c>LOCK TABLE</c>), with <c>*</c> (<c>* ROLE</c>).</summary>
    public ImmutableArray<string> Commands { get; init; } = [];

    /// <summary>Statements whose effects fall on temporary relations only are spared.</summary>
    public bool SparesTemporary { get; init; }

    /// <summary>Applies only when the statement reads relations besides.</summary>
    public bool ReadsRelations { get; init; }

    /// <summary>Applies only outside the window of the pack's document.</summary>
    public bool OutsideWindow { get; init; }
}
