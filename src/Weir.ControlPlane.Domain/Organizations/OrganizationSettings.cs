namespace Weir.ControlPlane.Domain.Organizations;

/// <summary>What an organization decides about its agents and recordings.</summary>
public sealed class OrganizationSettings(OrganizationId organizationId) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    /// <summary>How long agents serve people and AI agents without hearing from the control plane.</summary>
    public TimeSpan MaxAge { get; private set; } = TimeSpan.FromHours(1);

    /// <summary>The same for service accounts.</summary>
    public TimeSpan MaxAgeServiceAccounts { get; private set; } = TimeSpan.FromHours(24);

    /// <summary>Rows of each answer that are recorded, masked; 0 for none.</summary>
    public int RecordedRows { get; private set; } = 100;

    /// <summary>Bytes of each answer that are recorded.</summary>
    public int RecordedBytes { get; private set; } = 64 * 1024;

    public void Change(TimeSpan maxAge, TimeSpan maxAgeServiceAccounts, int recordedRows, int recordedBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maxAge, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maxAgeServiceAccounts, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(recordedRows);
        ArgumentOutOfRangeException.ThrowIfNegative(recordedBytes);
        MaxAge = maxAge;
        MaxAgeServiceAccounts = maxAgeServiceAccounts;
        RecordedRows = recordedRows;
        RecordedBytes = recordedBytes;
    }
}
