using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;
using Weir.Policy.Access;
using Weir.Policy.Documents;
using Grant = Weir.Policy.Access.Grant;

namespace Weir.ControlPlane.Application.Features.Credentials;

/// <summary>Credentials and grants for the connections of the asking agent, since a sequence or all of them.</summary>
public static class CompileCredentials
{
    /// <param name="Since">Sequence up to which the agent has everything; 0 for nothing.</param>
    /// <param name="KnownConnections">
    /// The connections that it had everything about at <paramref name="Since"/> (<see cref="Response.Connections"/> of the last answer); null when that is
    /// not known. Another set than now, or null, gives a full answer.
    /// </param>
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Query(long Since, IReadOnlyList<string>? KnownConnections) : IRequest<Response>;

    /// <param name="Sequence">Everything up to here is in the answer or was known before.</param>
    /// <param name="IsFull">What is not in it is gone.</param>
    public sealed record Response(
        long Sequence,
        bool IsFull,
        IReadOnlyList<Credential> Credentials,
        IReadOnlyList<string> RemovedCredentialIds,
        IReadOnlyList<Grant> Grants,
        IReadOnlyList<Guid> RemovedGrantIds,
        IReadOnlyList<string> Connections);

    /// <param name="Connection">Null for all connections that the principal may use.</param>
    /// <param name="ClientKeyHash">SHA-256 of the key of the client certificate that may stand in for the secret; empty for none.</param>
    public sealed record Credential(string Id, Principal Principal, string? Connection, string ScramVerifier, DateTimeOffset ExpiresAt, Guid? GrantId, ReadOnlyMemory<byte> ClientKeyHash)
    {
        public override string ToString() => $"credential {Id}";
    }

    /// <summary>How long a credential that has ended is told apart from one that never was.</summary>
    private static readonly TimeSpan EndedAreRemembered = TimeSpan.FromDays(7);

    internal sealed class Handler(WeirDbContext db, ActorScope scope, PolicyDocuments documents, PrincipalReader principals, TimeProvider time)
        : IRequestHandler<Query, Response>
    {
        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var agentId = scope.Actor.AgentId;
            var agent = await db.Agents.AsNoTracking().SingleOrDefaultAsync(a => a.Id == agentId && a.RemovedAt == null, cancellationToken)
                ?? throw new NotFoundException("agent", agentId.ToString());
            var now = time.GetUtcNow();

            // Locked for reading: a change that gets a sequence up to this one has been committed.
            var sequence = await db.Database.SqlQuery<long>(
                $"SELECT credentials_sequence AS \"Value\" FROM organization_counters WHERE organization_id = {agent.OrganizationId.Value} FOR SHARE").SingleAsync(cancellationToken);
            var connections = (await documents.ListAsync<ConnectionDocument>(ConnectionDocument.KindName, cancellationToken))
                .Where(c => c.Agents.Matches(agent)).Select(c => c.Metadata.Name).ToList();
            var isFull = request.Since <= 0 || request.Since > sequence || request.KnownConnections is null || !connections.ToHashSet().SetEquals(request.KnownConnections);
            var since = isFull ? -1 : request.Since;

            // One that has ended is kept for a while, so that its owner is told "no longer" and not "wrong password".
            var remembered = now - EndedAreRemembered;
            var credentials = await db.Credentials.AsNoTracking()
                .Where(c => c.ChangedSequence > since && (c.Connection == null || connections.Contains(c.Connection)))
                .Where(c => !isFull || (c.ExpiresAt > remembered && (c.RevokedAt == null || c.RevokedAt > remembered)))
                .ToListAsync(cancellationToken);
            var grants = await db.Grants.AsNoTracking()
                .Where(g => g.ChangedSequence > since && connections.Contains(g.Connection))
                .Where(g => !isFull || (g.Status == GrantStatus.Active && g.EndsAt > now))
                .ToListAsync(cancellationToken);
            var owners = await ReadOwnersAsync(credentials, cancellationToken);
            return new(
                sequence,
                isFull,
                [.. credentials.Select(c => new Credential(
                    c.Id.Value, owners[c.PrincipalId].Principal, c.Connection, c.ScramVerifier, EndOf(c, owners[c.PrincipalId].IsDisabled), c.GrantId?.Value, c.ClientKeyHash))],
                [],
                [.. grants.Where(g => g.IsLive(now)).Select(g => new Grant(g.Id.Value, g.PrincipalId.Value, g.Connection, (Policy.Access.AccessLevel)(int)g.Access, g.EndsAt))],
                isFull ? [] : [.. grants.Where(g => !g.IsLive(now)).Select(g => g.Id.Value)],
                connections);
        }

        // A revocation must not depend on whose clock is ahead: its end lies before every clock.
        private static DateTimeOffset EndOf(AccessCredential credential, bool isOwnerDisabled) =>
            credential.RevokedAt is not null || isOwnerDisabled ? DateTimeOffset.UnixEpoch : credential.ExpiresAt;

        private async Task<Dictionary<Domain.Principals.PrincipalId, (Principal Principal, bool IsDisabled)>> ReadOwnersAsync(IEnumerable<AccessCredential> credentials, CancellationToken cancellationToken)
        {
            var ids = credentials.Select(c => c.PrincipalId).Distinct().ToList();
            var groups = await principals.GroupsOfAsync(ids, cancellationToken);
            var owners = await (from p in db.Principals.AsNoTracking()
                                where ids.Contains(p.Id)
                                from u in db.Principals.AsNoTracking().Where(u => u.Id == p.OnBehalfOf).DefaultIfEmpty()
                                select new { Principal = p, OnBehalfOf = u == null ? null : u.Name, IsDisabled = p.DisabledAt != null || (u != null && u.DisabledAt != null) })
                .ToListAsync(cancellationToken);
            return owners.ToDictionary(o => o.Principal.Id, o => (o.Principal.ToPolicyPrincipal(groups[o.Principal.Id], o.OnBehalfOf), o.IsDisabled));
        }
    }
}
