using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>For the asking agent: its sessions that are to end.</summary>
public static class ListTerminations
{
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Query : IRequest<IReadOnlyList<Termination>>;

    /// <param name="Reason">Shown to the client.</param>
    public sealed record Termination(Guid SessionId, string Reason);

    internal sealed class Handler(WeirDbContext db, ActorScope scope) : IRequestHandler<Query, IReadOnlyList<Termination>>
    {
        public async ValueTask<IReadOnlyList<Termination>> Handle(Query request, CancellationToken cancellationToken)
        {
            var agent = scope.Actor.AgentId;
            var wanted = await db.Sessions.AsNoTracking()
                .Where(s => s.AgentId == agent && s.Status == SessionStatus.Live && s.TerminationReason != null)
                .Select(s => new { s.Id, s.TerminationReason })
                .ToListAsync(cancellationToken);
            return wanted.ConvertAll(s => new Termination(s.Id.Value, s.TerminationReason!));
        }
    }
}
