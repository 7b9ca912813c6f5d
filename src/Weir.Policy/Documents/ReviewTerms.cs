using System.Collections.Immutable;
using Weir.Policy.Access;

namespace Weir.Policy.Documents;

/// <summary>Who may approve a held statement, and for how long it waits.</summary>
/// <param name="Reviewers">Groups; none means whoever may approve reviews in the organization.</param>
/// <param name="Approvals">How many different people must approve; 1 or more.</param>
/// <param name="ExpiresAfter">From the request on.</param>
/// <param name="ShowEffect">Run the statement, count what it changes, roll back, and show that.</param>
/// <param name="Window">The longest time that people may approve a statement's shape for; zero for one statement only; null for <see cref="LongestWindowOf"/>.</param>
public sealed record ReviewTerms(ImmutableArray<string> Reviewers, int Approvals, TimeSpan ExpiresAfter, bool ShowEffect, TimeSpan? Window = null)
{
    /// <summary>What a rule may allow at most.</summary>
    public static readonly TimeSpan MaxWindow = TimeSpan.FromHours(24);

    /// <summary>What holds where the rule says nothing, for people and service accounts.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromHours(1);

    /// <summary>For rules that ask for a review without saying by whom.</summary>
    public static ReviewTerms Default { get; } = new([], 1, TimeSpan.FromMinutes(15), false);

    /// <summary>
    /// The longest time that people may approve a statement's shape for. A model chooses the values by itself, so for AI agents a rule must say so.
    /// </summary>
    /// <returns>Zero: one statement only.</returns>
    public TimeSpan LongestWindowOf(PrincipalKind kind) => Window ?? (kind == PrincipalKind.AiAgent ? TimeSpan.Zero : DefaultWindow);
}
