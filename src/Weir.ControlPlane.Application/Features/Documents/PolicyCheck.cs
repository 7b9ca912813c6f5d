using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Domain.Documents;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;
using Weir.Policy.Snapshots;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>Compiles the whole set of documents as an agent would, so that what an agent must refuse is refused here first.</summary>
internal static class PolicyCheck
{
    private static readonly byte[] AnyMaskingKey = new byte[32];

    /// <exception cref="ValidationFailedException">The documents can't be compiled together.</exception>
    public static void EnsureCompiles(IEnumerable<PolicyDocumentRecord> records, DateTimeOffset now) => Compile([.. records.Select(PolicyDocuments.Read)], now);

    /// <inheritdoc cref="EnsureCompiles"/>
    public static CompiledPolicy Compile(IReadOnlyList<PolicyDocument> documents, DateTimeOffset now)
    {
        try
        {
            return CompiledPolicy.Compile(new PolicySnapshot(Guid.Empty, 1, now, [.. documents], PolicySettings.Default, ReadOnlyMemory<byte>.Empty), AnyMaskingKey);
        }
        catch (PolicyCompilationException e)
        {
            throw new ValidationFailedException("documents", e.Message);
        }
    }
}
