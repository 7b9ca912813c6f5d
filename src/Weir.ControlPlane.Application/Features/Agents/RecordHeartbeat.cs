using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Agents;

public static class RecordHeartbeat
{
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(int LiveSessions, long SpoolBytes, long SpoolCapacityBytes) : IRequest;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.LiveSessions).GreaterThanOrEqualTo(0);
            RuleFor(c => c.SpoolBytes).GreaterThanOrEqualTo(0);
            RuleFor(c => c.SpoolCapacityBytes).GreaterThanOrEqualTo(0);
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = scope.Actor.AgentId;
            var agent = await db.Agents.SingleOrDefaultAsync(a => a.Id == id && a.RemovedAt == null, cancellationToken) ?? throw new NotFoundException("agent", id.ToString());
            agent.Seen(request.LiveSessions, request.SpoolBytes, request.SpoolCapacityBytes, time.GetUtcNow());
            return Unit.Value;
        }
    }
}
