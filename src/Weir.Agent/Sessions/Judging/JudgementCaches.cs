using System.Collections.Concurrent;
using Weir.Policy.Compilation;
using Weir.Sql.Catalog;

namespace Weir.Agent.Sessions.Judging;

/// <summary>
/// The caches of all surroundings in use, within one budget of bytes. When it is exceeded, caches that nobody has asked since the last time are emptied first, then others. Surroundings that
/// changed leave caches behind that nobody asks again: those of a replaced catalog go at once. Thread-safe.
/// </summary>
/// <param name="maxBytes">Estimated: what judgements hold beside policy and catalog.</param>
internal sealed class JudgementCaches(long maxBytes)
{
    private const int MaxCaches = 512;

    private readonly ConcurrentDictionary<Key, JudgementCache> _caches = new();
    private readonly Lock _trimming = new();
    private long _bytes;

    /// <summary>Estimated bytes of all judgements that are kept.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public int Count => _caches.Count;

    public JudgementCache Get(SessionPolicy policy, CatalogSnapshot? catalog, string searchPath, string currentUser)
    {
        var key = new Key(policy, catalog, searchPath, currentUser);
        if (_caches.TryGetValue(key, out var found))
            return found;
        if (_caches.Count >= MaxCaches)
            Drop(static (_, cache) => !cache.TakeUse());
        if (_caches.Count >= MaxCaches)
            Drop(static (_, _) => true);
        return _caches.GetOrAdd(key, _ => new JudgementCache(maxBytes / 2, OnBytes));
    }

    /// <summary>Another snapshot has taken its place: sessions that still have a cache of it move on with their next statement.</summary>
    public void Forget(CatalogSnapshot replaced) => Drop((key, _) => ReferenceEquals(key.Catalog, replaced));

    private void Drop(Func<Key, JudgementCache, bool> condition)
    {
        foreach (var (key, cache) in _caches)
        {
            if (condition(key, cache) && _caches.TryRemove(key, out var removed))
                removed.Retire();
        }
    }

    private void OnBytes(long change)
    {
        if (Interlocked.Add(ref _bytes, change) <= maxBytes || change <= 0 || !_trimming.TryEnter())
            return;
        try
        {
            Trim(static cache => !cache.TakeUse());
            Trim(static _ => true);
        }
        finally
        {
            _trimming.Exit();
        }
    }

    private void Trim(Func<JudgementCache, bool> condition)
    {
        foreach (var cache in _caches.Values)
        {
            if (Bytes <= maxBytes / 4 * 3)
                return;
            if (condition(cache))
                cache.Clear();
        }
    }

    /// <summary>Policy and catalog by reference: another object is another state of things, even if it says the same.</summary>
    private sealed record Key(SessionPolicy Policy, CatalogSnapshot? Catalog, string SearchPath, string CurrentUser);
}
