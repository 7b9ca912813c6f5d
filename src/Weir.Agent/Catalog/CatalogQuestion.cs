namespace Weir.Agent.Catalog;

/// <summary>What a session wants to know of a statement: how many rows the planner expects.</summary>
/// <param name="SearchPath">The session's setting.</param>
/// <param name="Role">The session's current user.</param>
/// <param name="Statement">One statement, whose functions are known to do nothing.</param>
internal sealed record CatalogQuestion(string SearchPath, string Role, string Statement)
{
    /// <summary>What it is executed with; null without parameters.</summary>
    public BoundParameters? Parameters { get; init; }

    /// <summary>Called with null when the planner can't say.</summary>
    public required Action<double?> OnEstimate { get; init; }

    /// <summary>The question can't be answered any more.</summary>
    public void GiveUp() => OnEstimate(null);
}
