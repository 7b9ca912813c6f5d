namespace Weir.ControlPlane.Domain.Organizations;

/// <summary>A tenant. Its row is owned by itself, so that row-level security covers it too.</summary>
public sealed class Organization : ITenantOwned
{
    public const int MaxNameLength = 63;

    public Organization(OrganizationId organizationId, string name, DateTimeOffset createdAt)
    {
        OrganizationId = organizationId;
        Name = name;
        CreatedAt = createdAt;
    }

    public OrganizationId OrganizationId { get; private set; }

    /// <summary>Unique among all organizations; what a person types to sign in.</summary>
    public string Name { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }
}
