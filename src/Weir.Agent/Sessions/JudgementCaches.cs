using System.Collections.Concurrent;
using Weir.Policy.Compilation;
using Weir.Sql.Catalog;

namespace Weir.Agent.Sessions;

/// <summary>The caches of all surroundings in use. Bounded: surroundings that changed leave caches behind that nobody asks again.</summary>
internal sealed class JudgementCaches
{
    private const int MaxCaches = 512;

    private readonly ConcurrentDictionary<Key, JudgementCache> _caches = new();

    public JudgementCache Get(SessionPolicy policy, CatalogSnapshot? catalog, string searchPath, string currentUser)
    {
        if (_caches.Count > MaxCaches)
            _caches.Clear();
        return _caches.GetOrAdd(new Key(policy, catalog, searchPath, currentUser), static _ => new JudgementCache());
    }

    /// <summary>Policy and catalog by reference: another object is another state of things, even if it says the same.</summary>
    private sealed record Key(SessionPolicy Policy, CatalogSnapshot? Catalog, string SearchPath, string CurrentUser);
}
