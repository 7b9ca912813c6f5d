using Weir.Agent.Reviews;

namespace Weir.Agent.Catalog;

/// <summary>What a session wants to know of a statement: how many rows the planner expects, or what it would change.</summary>
/// <param name="OnEstimate">Set when the planner is asked; called with null when it can't say.</param>
/// <param name="OnEffect">Set when the statement is to be tried.</param>
internal sealed record CatalogQuestion(string SearchPath, string Role, string Statement, Action<double?>? OnEstimate, Action<DryRunEffect>? OnEffect)
{
    /// <summary>The question can't be answered any more.</summary>
    public void GiveUp()
    {
        OnEstimate?.Invoke(null);
        OnEffect?.Invoke(DryRunEffect.NotRun("the database could not be asked"));
    }
}
