using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Principals;

/// <summary>Ties a user to an identity provider's subject: the only thing by which a sign-in is recognised. An e-mail address can change hands.</summary>
public sealed class ExternalLogin(OrganizationId organizationId, string issuer, string subject, PrincipalId principalId, DateTimeOffset createdAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public string Issuer { get; private set; } = issuer;

    public string Subject { get; private set; } = subject;

    public PrincipalId PrincipalId { get; private set; } = principalId;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;

    public DateTimeOffset LastSignInAt { get; private set; } = createdAt;

    public void SignedIn(DateTimeOffset now) => LastSignInAt = now;
}
