using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>Makes enrollment tokens; at most one of a name can be used.</summary>
internal sealed class EnrollmentTokens(WeirDbContext db, ChangeJournal journal, TimeProvider time)
{
    public async Task<(EnrollmentToken Token, BearerSecret Secret)> CreateAsync(
        OrganizationId organization,
        string agentName,
        TimeSpan ttl,
        PrincipalId? by,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var older in await db.EnrollmentTokens.Where(t => t.AgentName == agentName && t.UsedAt == null && t.RevokedAt == null).ToListAsync(cancellationToken))
        {
            older.Revoke(now);
        }

        var secret = BearerSecret.Create(BearerSecret.EnrollmentPrefix);
        var token = new EnrollmentToken(organization, EnrollmentTokenId.New(now), agentName, secret.Hash, by, now, now + ttl);
        db.EnrollmentTokens.Add(token);
        journal.Audit("enrollment_token.create", "agent", agentName, null, null, ("token", token.Id.ToString()));
        return (token, secret);
    }
}
