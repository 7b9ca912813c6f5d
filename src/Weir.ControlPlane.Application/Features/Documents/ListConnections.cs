using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.Policy.Access;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>The catalog: connections that the actor may use or ask for. Whoever reads policies sees all.</summary>
public static class ListConnections
{
    [RequirePermission(Permission.Participate)]
    public sealed record Query : IRequest<Page<Connection>>;

    /// <param name="Access">read, write or admin: what the actor has now; null for nothing.</param>
    /// <param name="Mode">standing, grant, request (may ask) or none.</param>
    /// <param name="GrantEndsAt">When the access ends, if it is by grant.</param>
    /// <param name="Request">What the actor may ask for; null when asking is not possible.</param>
    /// <param name="AgentOnline">An agent that serves it is connected.</param>
    /// <param name="Reachable">What that agent last said; null when it has not.</param>
    public sealed record Connection(
        Guid Id,
        string Name,
        IReadOnlyDictionary<string, string> Labels,
        string Protocol,
        string Database,
        string? Access,
        string Mode,
        DateTimeOffset? GrantEndsAt,
        RequestTerms? Request,
        bool AgentOnline,
        bool? Reachable);

    /// <param name="MaxDuration">Longest time to ask for.</param>
    public sealed record RequestTerms(string Access, IReadOnlyList<string> Approvers, int Approvals, TimeSpan MaxDuration, bool RequireReason);

    internal sealed class Handler(WeirDbContext db, ActorScope scope, PolicyDocuments documents, TimeProvider time) : IRequestHandler<Query, Page<Connection>>
    {
        public async ValueTask<Page<Connection>> Handle(Query request, CancellationToken cancellationToken)
        {
            var now = time.GetUtcNow();
            var records = await db.Documents.AsNoTracking().Where(d => d.Kind == ConnectionDocument.KindName).OrderBy(d => d.Name).ToListAsync(cancellationToken);
            var rules = await documents.ListAsync<AccessRuleDocument>(AccessRuleDocument.KindName, cancellationToken);
            var agents = await db.Agents.AsNoTracking().Where(a => a.RemovedAt == null).ToListAsync(cancellationToken);
            var statuses = await db.AgentConnectionStatuses.AsNoTracking().ToListAsync(cancellationToken);
            var me = scope.Actor.PrincipalId;
            var grants = await db.Grants.AsNoTracking()
                .Where(g => g.PrincipalId == me && g.Status == Domain.Access.GrantStatus.Active && g.EndsAt > now)
                .ToListAsync(cancellationToken);
            var principal = scope.Actor.ToPolicyPrincipal();
            var found = new List<Connection>();
            foreach (var record in records)
            {
                var connection = (ConnectionDocument)PolicyDocuments.Read(record);
                var matching = rules.Where(r => r.Principals.Matches(principal) && r.Connections.Matches(connection)).ToList();
                var standing = matching.Where(r => r.Mode == AccessMode.Standing && r.HoldsAt(now)).Select(r => r.Access).DefaultIfEmpty(AccessLevel.None).Max();
                var grant = grants.Where(g => g.Connection == record.Name).OrderByDescending(g => g.Access).FirstOrDefault();
                var askable = matching.Where(r => r is { Mode: AccessMode.Request, Request: not null }).OrderByDescending(r => r.Access).FirstOrDefault();
                var granted = grant is null ? AccessLevel.None : (AccessLevel)(int)grant.Access;
                if (standing == AccessLevel.None && granted == AccessLevel.None && askable is null && !scope.Actor.SeesEverything)
                {
                    continue;
                }

                var serving = agents.Where(connection.Agents.Matches).ToList();
                var reports = statuses.Where(s => s.Connection == record.Name && serving.Any(a => a.Id == s.AgentId)).ToList();
                var level = granted > standing ? granted : standing;
                found.Add(new Connection(
                    record.Id.Value,
                    record.Name,
                    record.Labels,
                    connection.Protocol,
                    connection.Upstream.Database,
                    level == AccessLevel.None ? null : WireName.Of(level),
                    granted > standing ? "grant" : standing != AccessLevel.None ? "standing" : askable is not null ? "request" : "none",
                    granted > standing ? grant!.EndsAt : null,
                    askable is null ? null : new RequestTerms(
                        WireName.Of(askable.Access), askable.Request!.Approvers, askable.Request.Approvals, askable.Request.MaxDuration, askable.Request.RequireReason),
                    serving.Any(a => a.IsConnected),
                    reports.Count == 0 ? null : reports.Any(r => r.IsReachable)));
            }

            return new(found, null);
        }
    }
}
