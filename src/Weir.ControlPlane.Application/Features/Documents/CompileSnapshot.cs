using System.Text;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.Policy.Documents;
using Weir.Policy.Snapshots;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>The organization's configuration as the asking agent needs it: its own connections with their stored secrets, and all rules.</summary>
public static class CompileSnapshot
{
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Query : IRequest<Response>;

    /// <param name="Documents">Sorted by kind and name.</param>
    /// <param name="StoredSecrets">By connection name.</param>
    /// <param name="MaskingKey">32 bytes.</param>
    public sealed record Response(
        Guid OrganizationId,
        long Version,
        DateTimeOffset CompiledAt,
        IReadOnlyList<Document> Documents,
        PolicySettings Settings,
        IReadOnlyDictionary<string, Secret> StoredSecrets,
        ReadOnlyMemory<byte> MaskingKey)
    {
        /// <summary>Never the secrets.</summary>
        public override string ToString() => $"snapshot {Version} of {OrganizationId}";
    }

    /// <param name="Spec">Canonical UTF-8 JSON.</param>
    public sealed record Document(string Kind, string Name, IReadOnlyDictionary<string, string> Labels, ReadOnlyMemory<byte> Spec);

    /// <param name="Values">By slot: see <see cref="Features.Documents.StoredSecrets"/>.</param>
    public sealed record Secret(IReadOnlyDictionary<string, string> Values)
    {
        public override string ToString() => "stored secret";
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ISecretProtector protector, ControlPlaneOptions options, TimeProvider time)
        : IRequestHandler<Query, Response>
    {
        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var agentId = scope.Actor.AgentId;
            var agent = await db.Agents.AsNoTracking().SingleOrDefaultAsync(a => a.Id == agentId && a.RemovedAt == null, cancellationToken)
                ?? throw new NotFoundException("agent", agentId.ToString());

            // Locked for reading, so that version and documents belong together.
            var version = await db.Database.SqlQuery<long>(
                $"SELECT policy_version AS \"Value\" FROM organization_counters WHERE organization_id = {scope.Organization!.Value.Value} FOR SHARE").SingleAsync(cancellationToken);
            var records = await db.Documents.AsNoTracking().ToListAsync(cancellationToken);
            var documents = records
                .Where(r => r.Kind != ConnectionDocument.KindName || ((ConnectionDocument)PolicyDocuments.Read(r)).Agents.Matches(agent))
                .OrderBy(r => r.Kind, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal)
                .ToList();
            var secrets = new Dictionary<string, Secret>(StringComparer.Ordinal);
            var ids = documents.Where(d => d.Kind == ConnectionDocument.KindName).Select(d => d.Id).ToList();
            foreach (var group in (await db.DocumentSecrets.AsNoTracking().Where(s => ids.Contains(s.DocumentId)).ToListAsync(cancellationToken)).GroupBy(s => s.DocumentId))
            {
                var values = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var secret in group)
                {
                    values[secret.Slot] = Encoding.UTF8.GetString(await protector.UnprotectAsync(
                        Features.Documents.StoredSecrets.ContextOf(secret.DocumentId.Value, secret.Slot), secret.ProtectedValue, cancellationToken));
                }

                secrets.Add(documents.Single(d => d.Id == group.Key).Name, new Secret(values));
            }

            var settings = await db.OrganizationSettings.AsNoTracking().SingleAsync(cancellationToken);
            var maskingKey = await db.OrganizationKeys.AsNoTracking().Select(k => k.ProtectedMaskingKey).SingleAsync(cancellationToken);
            return new Response(
                agent.OrganizationId.Value,
                version,
                time.GetUtcNow(),
                [.. documents.Select(d => new Document(d.Kind, d.Name, d.Labels, Encoding.UTF8.GetBytes(d.Spec)))],
                new PolicySettings(settings.MaxAge, settings.MaxAgeServiceAccounts, settings.RecordedRows, settings.RecordedBytes, options.PublicUrl),
                secrets,
                await protector.UnprotectAsync(OrganizationKeyFactory.MaskingContext, maskingKey, cancellationToken));
        }
    }
}
