using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Secrets;

internal sealed class OrganizationSecretProtector(WeirDbContext db, ActorScope scope, MasterKey masterKey, DataKeyCache cache) : ISecretProtector
{
    public async ValueTask<byte[]> ProtectAsync(string context, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken) =>
        SealedBox.Seal(await DataKeyAsync(cancellationToken), plaintext.Span, context);

    public async ValueTask<byte[]> UnprotectAsync(string context, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        SealedBox.Open(await DataKeyAsync(cancellationToken), value.Span, context);

    private async ValueTask<byte[]> DataKeyAsync(CancellationToken cancellationToken)
    {
        var organization = scope.Organization ?? throw new InvalidOperationException("A secret belongs to an organization.");
        if (cache.Find(organization) is { } known)
        {
            return known;
        }

        var wrapped = await db.OrganizationKeys.AsNoTracking().Select(k => k.WrappedDataKey).SingleAsync(cancellationToken);
        return cache.GetOrAdd(organization, () => masterKey.Unwrap(wrapped, organization.Value));
    }
}
