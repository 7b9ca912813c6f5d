using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Agents;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>How an agent finds one of its connections.</summary>
public static class RecordConnectionStatus
{
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(string Connection, bool Reachable, string Detail, IReadOnlyList<string> IdleMaskingRules) : IRequest;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Connection).NotEmpty().MaximumLength(63);
            RuleFor(c => c.IdleMaskingRules).Must(r => r.Count <= 1000 && r.All(n => n.Length <= 63));
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = scope.Actor.AgentId;
            var organization = scope.Organization!.Value;
            if (!await db.Agents.AnyAsync(a => a.Id == id && a.RemovedAt == null, cancellationToken))
            {
                throw new NotFoundException("agent", id.ToString());
            }

            if (!await db.Documents.AnyAsync(d => d.Kind == ConnectionDocument.KindName && d.Name == request.Connection, cancellationToken))
            {
                throw new NotFoundException("connection", request.Connection);
            }

            var status = await db.AgentConnectionStatuses.SingleOrDefaultAsync(s => s.AgentId == id && s.Connection == request.Connection, cancellationToken);
            if (status is null)
            {
                status = new AgentConnectionStatus(organization, id, request.Connection);
                db.AgentConnectionStatuses.Add(status);
            }

            status.Report(request.Reachable, AgentLimits.Cut(request.Detail, 2000), request.IdleMaskingRules, time.GetUtcNow());
            journal.Signal(new AgentChanged(organization, id, IsShutOut: false));
            return Unit.Value;
        }
    }
}
