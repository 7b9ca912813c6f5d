namespace Weir.Agent.Upstream;

/// <summary>Why a login at the database failed.</summary>
/// <param name="SqlState">For the client.</param>
/// <param name="Message">For the client: without secrets, and without what only an operator should read.</param>
/// <param name="Detail">For the agent's log.</param>
/// <param name="TryNextHost">Another host of the list may do better.</param>
/// <param name="IsMisfit">The server took the login and is not what the connection wants: a better reason to give than that another could not be reached.</param>
internal sealed record UpstreamFailure(string SqlState, string Message, string Detail, bool TryNextHost, bool IsMisfit = false);
