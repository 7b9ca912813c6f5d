using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>Who may approve a held statement, and for how long it waits.</summary>
/// <param name="Reviewers">Groups; none means whoever may approve reviews in the organization.</param>
/// <param name="Approvals">How many different people must approve; 1 or more.</param>
/// <param name="ExpiresAfter">From the request on.</param>
/// <param name="ShowEffect">Run the statement, count what it changes, roll back, and show that.</param>
public sealed record ReviewTerms(ImmutableArray<string> Reviewers, int Approvals, TimeSpan ExpiresAfter, bool ShowEffect)
{
    /// <summary>For rules that ask for a review without saying by whom.</summary>
    public static ReviewTerms Default { get; } = new([], 1, TimeSpan.FromMinutes(15), false);
}
