namespace Weir.Agent.Upstream;

/// <summary>Why a login at the database failed.</summary>
/// <param name="SqlState">For the client.</param>
/// <param name="Message">For the client: without secrets, and without what only an operator should read.</param>
/// <param name="Detail">For the agent's log.</param>
/// <param name="TryNextHost">Another host of the list may do better.</param>
internal sealed record UpstreamFailure(string SqlState, string Message, string Detail, bool TryNextHost);
