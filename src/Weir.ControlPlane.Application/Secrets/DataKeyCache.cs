using System.Collections.Concurrent;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Secrets;

/// <summary>Data keys as they were unwrapped. A cache only: every replica can unwrap them again.</summary>
internal sealed class DataKeyCache
{
    private readonly ConcurrentDictionary<OrganizationId, byte[]> _keys = [];

    public byte[] GetOrAdd(OrganizationId organization, Func<byte[]> unwrap) => _keys.GetOrAdd(organization, _ => unwrap());

    public byte[]? Find(OrganizationId organization) => _keys.GetValueOrDefault(organization);
}
