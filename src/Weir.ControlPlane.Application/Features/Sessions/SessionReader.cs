using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>Gives out a session to whom it may be given, and writes down who looked at somebody else's.</summary>
internal sealed class SessionReader(WeirDbContext db, ActorScope scope, ChangeJournal journal)
{
    /// <exception cref="NotFoundException">There is none, or none that the actor may see.</exception>
    public async Task<(Session Session, string Agent)> ReadAsync(Guid sessionId, string auditAction, CancellationToken cancellationToken)
    {
        var id = new SessionId(sessionId);
        var actor = scope.Actor;
        var session = await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
        if (session is null || (!actor.SeesEverything && !SessionView.IsOf(session, actor)))
        {
            throw new NotFoundException("session", sessionId.ToString());
        }

        if (!SessionView.IsOf(session, actor))
        {
            journal.Audit(auditAction, "session", sessionId.ToString(), null, null, ("principal", session.PrincipalName), ("connection", session.Connection));
        }

        var agent = await db.Agents.AsNoTracking().Where(a => a.Id == session.AgentId).Select(a => a.Name).SingleAsync(cancellationToken);
        return (session, agent);
    }
}
