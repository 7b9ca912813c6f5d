using System.Text;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Documents;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>Reads the organization's documents as the policy engine knows them.</summary>
internal sealed class PolicyDocuments(WeirDbContext db)
{
    public async Task<IReadOnlyList<T>> ListAsync<T>(string kind, CancellationToken cancellationToken)
        where T : PolicyDocument
    {
        var records = await db.Documents.AsNoTracking().Where(d => d.Kind == kind).OrderBy(d => d.Name).ToListAsync(cancellationToken);
        return [.. records.Select(Read).Cast<T>()];
    }

    /// <summary>Null when there is none of that name.</summary>
    public async Task<ConnectionDocument?> FindConnectionAsync(string name, CancellationToken cancellationToken)
    {
        var record = await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Kind == ConnectionDocument.KindName && d.Name == name, cancellationToken);
        return record is null ? null : (ConnectionDocument)Read(record);
    }

    /// <exception cref="InvalidOperationException">A stored document does not read any more; only checked ones are stored.</exception>
    public static PolicyDocument Read(PolicyDocumentRecord record) =>
        DocumentReader.TryRead(record.Kind, record.Name, record.Labels, Encoding.UTF8.GetBytes(record.Spec), out var read, out var faults)
            ? read
            : throw new InvalidOperationException($"The stored {record.Kind} {record.Name} does not read: {string.Join("; ", faults.Select(f => $"{f.Path}: {f.Message}"))}");
}
