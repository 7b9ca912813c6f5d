namespace Weir.ControlPlane.Domain.Organizations;

/// <summary>An organization's keys. None can be used without the master key, which is not in the database.</summary>
public sealed class OrganizationKeys(
    OrganizationId organizationId,
    byte[] wrappedDataKey,
    byte[] protectedMaskingKey,
    byte[] protectedSealKey,
    byte[] sealPublicKey,
    DateTimeOffset createdAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    /// <summary>The data key, encrypted with the master key.</summary>
    public byte[] WrappedDataKey { get; private set; } = wrappedDataKey;

    /// <summary>Key of the deterministic masks, encrypted with the data key.</summary>
    public byte[] ProtectedMaskingKey { get; private set; } = protectedMaskingKey;

    /// <summary>Private key (PKCS #8) that signs session seals, encrypted with the data key.</summary>
    public byte[] ProtectedSealKey { get; private set; } = protectedSealKey;

    /// <summary>Its public half (SubjectPublicKeyInfo).</summary>
    public byte[] SealPublicKey { get; private set; } = sealPublicKey;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;
}
