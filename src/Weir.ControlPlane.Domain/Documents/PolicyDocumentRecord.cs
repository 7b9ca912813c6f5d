using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Documents;

/// <summary>A declarative document as it is stored: canonical, checked, without the value of any secret.</summary>
public sealed class PolicyDocumentRecord(
    OrganizationId organizationId,
    PolicyDocumentId id,
    string kind,
    string name,
    IReadOnlyDictionary<string, string> labels,
    string spec,
    PrincipalId? updatedBy,
    DateTimeOffset createdAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public PolicyDocumentId Id { get; private set; } = id;

    public string Kind { get; private set; } = kind;

    public string Name { get; private set; } = name;

    public IReadOnlyDictionary<string, string> Labels { get; private set; } = labels;

    /// <summary>Canonical JSON of <c>spec</c>; kept as text because agents hash exactly these bytes.</summary>
    public string Spec { get; private set; } = spec;

    public PrincipalId? UpdatedBy { get; private set; } = updatedBy;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;

    public DateTimeOffset UpdatedAt { get; private set; } = createdAt;

    public void Change(IReadOnlyDictionary<string, string> labels, string spec, PrincipalId? by, DateTimeOffset now)
    {
        Labels = labels;
        Spec = spec;
        UpdatedBy = by;
        UpdatedAt = now;
    }
}
