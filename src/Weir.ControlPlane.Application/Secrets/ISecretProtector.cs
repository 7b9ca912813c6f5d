namespace Weir.ControlPlane.Application.Secrets;

/// <summary>Encrypts what must not be read from the database, with the current organization's data key.</summary>
internal interface ISecretProtector
{
    /// <param name="context">What the value is and whose: it opens only under the same context.</param>
    ValueTask<byte[]> ProtectAsync(string context, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken);

    ValueTask<byte[]> UnprotectAsync(string context, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);
}
