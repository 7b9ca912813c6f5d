using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>Tells the agent to end a session: one's own, or anybody's as an administrator.</summary>
public static class KillSession
{
    /// <param name="Reason">Shown to the client.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid SessionId, string? Reason = null) : IRequest<Response>;

    public sealed record Response(Guid Id, string Status);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).MaximumLength(500);
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new SessionId(request.SessionId);
            var session = await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
            if (session is null || (!scope.Actor.IsAdministrator && !SessionView.IsOf(session, scope.Actor)))
            {
                throw new NotFoundException("session", id.ToString());
            }

            if (session.Status == SessionStatus.Ended)
            {
                throw new ConflictException("The session has ended already.");
            }

            var reason = string.IsNullOrWhiteSpace(request.Reason) ? $"ended by {scope.Actor.Name}" : request.Reason.Trim();
            journal.Audit("session.kill", "session", id.ToString(), null, null, ("principal", session.PrincipalName), ("connection", session.Connection), ("reason", reason));
            await db.Sessions.Where(s => s.Id == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.TerminationReason, reason), cancellationToken);
            journal.Signal(new SessionTermination(session.OrganizationId, session.AgentId, id));
            return new(id.Value, "terminating");
        }
    }
}
