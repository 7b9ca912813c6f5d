using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;
using Weir.Policy.Documents;
using Weir.Sql.Catalog;

namespace Weir.Agent.Catalog;

/// <summary>The catalogs of all databases that sessions use: one source for each upstream database as one role sees it.</summary>
internal sealed class CatalogSources(UpstreamRoles roles, UpstreamConnector connector, SessionOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const int MaxSources = 1024;

    private readonly ConcurrentDictionary<(UpstreamSpec Upstream, string Connection, string Database), CatalogSource> _sources = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>A snapshot has been replaced by a newer one. Raised on any thread.</summary>
    public event Action<CatalogSnapshot>? Replaced;

    /// <summary>Estimated bytes of the snapshots in use.</summary>
    public long Bytes => _sources.Values.Sum(s => s.Current?.EstimatedBytes ?? 0);

    /// <summary>The source of a database, in use by the caller until <see cref="CatalogSource.Leave"/>. A changed specification is another source.</summary>
    public CatalogSource Get(ConnectionDocument connection, string database)
    {
        var key = (connection.Upstream, connection.Metadata.Name, database);
        if (_sources.Count > MaxSources)
        {
            // Names of databases come from clients: what nobody uses is dropped, so that they can't fill memory.
            foreach (var (old, source) in _sources)
            {
                if (source.IsIdle)
                    _sources.TryRemove(old, out _);
            }
        }

        var found = _sources.GetOrAdd(key, k => new CatalogSource(connection, k.Database, roles, connector, options, time, log, old => Replaced?.Invoke(old), _stop.Token));
        found.Enter();
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var source in _sources.Values)
            await source.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
