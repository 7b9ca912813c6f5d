using System.Collections.Frozen;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Policies;

/// <summary>The stored upstream passwords of the snapshot in force; replaced whole with it.</summary>
internal sealed class StoredSecrets
{
    private volatile FrozenDictionary<string, StoredSecret> _byConnection = FrozenDictionary<string, StoredSecret>.Empty;

    public void Replace(IEnumerable<KeyValuePair<string, StoredSecret>> secrets) => _byConnection = secrets.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null when there is none.</summary>
    public string? Find(string connection, bool readOnlyRole)
    {
        if (!_byConnection.TryGetValue(connection, out var secret))
            return null;
        var password = readOnlyRole ? secret.ReadOnlyPassword : secret.Password;
        return password.Length == 0 ? null : password;
    }

    public override string ToString() => "[redacted]";
}
