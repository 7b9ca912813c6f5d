namespace Weir.Agent.Upstream;

/// <summary>A database can't be reached or does not answer as it should.</summary>
/// <param name="message">May be shown to clients.</param>
/// <param name="detail">For the agent's log.</param>
internal sealed class UpstreamUnavailableException(string message, string detail) : Exception(message)
{
    public string Detail { get; } = detail;

    /// <summary>Of the server's error; null when there was none.</summary>
    public string? SqlState { get; init; }
}
