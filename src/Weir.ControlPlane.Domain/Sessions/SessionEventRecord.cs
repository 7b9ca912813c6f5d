using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Sessions;

/// <summary>One event of a recording: exactly the bytes that the agent hashed. Rows are only ever added.</summary>
public sealed class SessionEventRecord : ITenantOwned
{
    private SessionEventRecord()
    {
        Hash = Body = [];
    }

    public OrganizationId OrganizationId { get; private set; }

    public SessionId SessionId { get; private set; }

    /// <summary>From 1, without gaps.</summary>
    public long Sequence { get; private set; }

    /// <summary>SHA-256 of <see cref="Body"/>.</summary>
    public byte[] Hash { get; private set; }

    public byte[] Body { get; private set; }

    public DateTimeOffset ReceivedAt { get; private set; }
}
