using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Documents;

/// <summary>The value of a stored secret of a document, encrypted and apart from it: it can be replaced and used, never read back.</summary>
public sealed class DocumentSecret(OrganizationId organizationId, PolicyDocumentId documentId, string slot, byte[] protectedValue, DateTimeOffset updatedAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public PolicyDocumentId DocumentId { get; private set; } = documentId;

    /// <summary>Which of the document's secrets: <c>password</c> or <c>readOnlyPassword</c>.</summary>
    public string Slot { get; private set; } = slot;

    public byte[] ProtectedValue { get; private set; } = protectedValue;

    public DateTimeOffset UpdatedAt { get; private set; } = updatedAt;

    public void Replace(byte[] protectedValue, DateTimeOffset now)
    {
        ProtectedValue = protectedValue;
        UpdatedAt = now;
    }
}
