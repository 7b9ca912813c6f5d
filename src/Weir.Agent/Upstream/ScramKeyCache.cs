using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Weir.Protocol.Postgres.Scram;

namespace Weir.Agent.Upstream;

/// <summary>
/// Derived SCRAM keys of upstream roles. The derivation costs a millisecond or more of CPU, on a loop that serves other sessions, and is the
/// same for every session of a connection. Bounded by the number of upstream roles; a changed password replaces its entry.
/// </summary>
internal sealed class ScramKeyCache
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <returns>Null when there are none for exactly this password.</returns>
    public ScramKeys? Find(string user, string password) =>
        _entries.TryGetValue(user, out var entry) && CryptographicOperations.FixedTimeEquals(entry.PasswordHash, Hash(password)) ? entry.Keys : null;

    public void Store(string user, string password, ScramKeys keys)
    {
        // One entry per role name: servers of different connections may share a role name with different salts; then the newest wins.
        if (_entries.Count < 4096 || _entries.ContainsKey(user))
            _entries[user] = new Entry(Hash(password), keys);
    }

    private byte[] Hash(string password) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(password));

    private sealed record Entry(byte[] PasswordHash, ScramKeys Keys);
}
