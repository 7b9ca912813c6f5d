using Weir.Agent.Reviews;

namespace Weir.Agent.Catalog;

/// <summary>What a session wants to know of a statement: how many rows the planner expects, or what it would change.</summary>
/// <param name="SearchPath">The session's setting.</param>
/// <param name="Role">The session's current user.</param>
/// <param name="Statement">One statement, whose functions are known to do nothing.</param>
internal sealed record CatalogQuestion(string SearchPath, string Role, string Statement)
{
    /// <summary>What it is executed with; null without parameters.</summary>
    public BoundParameters? Parameters { get; init; }

    /// <summary>The table whose changed rows are to be shown, quoted; null for none.</summary>
    public string? SampleOf { get; init; }

    /// <summary>Set when the planner is asked; called with null when it can't say.</summary>
    public Action<double?>? OnEstimate { get; init; }

    /// <summary>Set when the statement is to be tried.</summary>
    public Action<DryRunEffect, RawSample?>? OnEffect { get; init; }

    /// <summary>The question can't be answered any more.</summary>
    public void GiveUp()
    {
        OnEstimate?.Invoke(null);
        OnEffect?.Invoke(DryRunEffect.NotRun("the database could not be asked"), null);
    }
}
