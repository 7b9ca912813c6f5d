using System.Security.Cryptography;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Secrets;

/// <summary>Makes the keys of a new organization.</summary>
internal sealed class OrganizationKeyFactory(MasterKey masterKey)
{
    public const string MaskingContext = "masking-key";
    public const string SealContext = "seal-key";
    public const int MaskingKeyLength = 32;

    public OrganizationKeys Create(OrganizationId organization, DateTimeOffset now)
    {
        var dataKey = RandomNumberGenerator.GetBytes(32);
        using var seal = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new OrganizationKeys(
            organization,
            masterKey.Wrap(dataKey, organization.Value),
            SealedBox.Seal(dataKey, RandomNumberGenerator.GetBytes(MaskingKeyLength), MaskingContext),
            SealedBox.Seal(dataKey, seal.ExportPkcs8PrivateKey(), SealContext),
            seal.ExportSubjectPublicKeyInfo(),
            now);
    }
}
