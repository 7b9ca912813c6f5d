namespace Weir.ControlPlane.Application;

/// <summary>One page of a list.</summary>
/// <param name="Next">What to pass as <c>after</c> to get the page that follows; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
