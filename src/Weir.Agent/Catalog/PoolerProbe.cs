using System.Globalization;
using Weir.Agent.Upstream;

namespace Weir.Agent.Catalog;

/// <summary>
/// Whether what one calls the database is a pooler that gives each transaction another server session. What a client sets, prepares or locks would
/// reach somebody else's session there, and what a statement means could not be known: such an upstream is refused.
/// </summary>
internal static class PoolerProbe
{
    public const string Refusal = "weir: the upstream is a transaction pooler, where session state does not hold; name the server itself, or a pool in session mode";

    private const int Tries = 3;
    private const string WhoAmI = "SELECT pg_catalog.pg_backend_pid()::pg_catalog.text";

    /// <param name="connection">Logged in, outside of a transaction.</param>
    /// <param name="open">Opens another one like it.</param>
    /// <param name="ask">Runs a query and gives the first column of its one row.</param>
    /// <exception cref="UpstreamUnavailableException">Two connections were seen to share one server session.</exception>
    public static async Task RefuseTransactionPoolAsync(
        AgentConnection connection, Func<Task<AgentConnection>> open, Func<AgentConnection, string, Task<string?>> ask)
    {
        // A pooler hands out keys of its own: where the key bears the server's own process id, there is none.
        var process = await ask(connection, WhoAmI).ConfigureAwait(false);
        if (connection.BackendKey is { } key && process == key.ProcessId.ToString(CultureInfo.InvariantCulture))
            return;

        var second = await open().ConfigureAwait(false);
        await using (second.ConfigureAwait(false))
        {
            // A pool in session mode keeps the two apart for good; one in transaction mode gives the second what the first has just left.
            for (var i = 0; i < Tries; i++)
            {
                if (await ask(connection, WhoAmI).ConfigureAwait(false) == await ask(second, WhoAmI).ConfigureAwait(false))
                    throw new UpstreamUnavailableException(Refusal, "two connections answered from one server process");
            }
        }
    }
}
