namespace Weir.Agent.Catalog;

/// <summary>A statement whose size the planner is asked for.</summary>
internal sealed record CatalogQuestion(string SearchPath, string Role, string Statement, Action<double?> OnAnswer);
