using Weir.Agent.Upstream;

namespace Weir.Agent.Catalog;

/// <summary>Questions about one statement over the catalog's connection, each with a deadline.</summary>
/// <param name="deadline">Starts one.</param>
internal sealed class CatalogDialog(AgentConnection connection, Func<CancellationTokenSource> deadline)
{
    /// <exception cref="UpstreamUnavailableException">The server reported an error, or is gone.</exception>
    public async Task AskAsync(string sql, Action<string?[]>? onRow = null, BoundParameters? parameters = null)
    {
        using var limit = deadline();
        await connection.QueryAsync(sql, onRow, limit.Token, parameters).ConfigureAwait(false);
    }
}
