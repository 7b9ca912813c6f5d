using System.Collections.Frozen;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Policies;

/// <summary>The stored upstream secrets of the snapshot in force; replaced whole with it.</summary>
internal sealed class StoredSecrets
{
    private volatile FrozenDictionary<string, StoredSecret> _byConnection = FrozenDictionary<string, StoredSecret>.Empty;

    public void Replace(IEnumerable<KeyValuePair<string, StoredSecret>> secrets) => _byConnection = secrets.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null when there is none.</summary>
    public string? Find(string connection, UpstreamSecret use)
    {
        if (!_byConnection.TryGetValue(connection, out var secret))
            return null;
        var value = use switch
        {
            UpstreamSecret.Password => secret.Password,
            UpstreamSecret.ReadOnlyPassword => secret.ReadOnlyPassword,
            UpstreamSecret.ClientCertificate => secret.ClientCertificate,
            UpstreamSecret.ClientKey => secret.ClientKey,
            UpstreamSecret.ReadOnlyClientCertificate => secret.ReadOnlyClientCertificate,
            UpstreamSecret.ReadOnlyClientKey => secret.ReadOnlyClientKey,
            _ => "",
        };
        return value.Length == 0 ? null : value;
    }

    public override string ToString() => "[redacted]";
}
