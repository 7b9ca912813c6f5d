using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>An agent said hello. Sessions of it that it does not know any more are lost (their seal may still come out of its spool).</summary>
public static class ConnectAgent
{
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(
        string AgentVersion,
        IReadOnlyList<string> Capabilities,
        long SnapshotVersion,
        string AdvertisedEndpoint,
        IReadOnlyList<Guid> LiveSessionIds) : IRequest<Response>;

    /// <param name="PolicyVersion">The version now in force: send a snapshot when the agent has another.</param>
    /// <param name="ConnectedAt">Tells this connection from an earlier or later one of the same agent.</param>
    public sealed record Response(long PolicyVersion, long CredentialsSequence, DateTimeOffset ConnectedAt);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.AgentVersion).MaximumLength(100);
            RuleFor(c => c.Capabilities).Must(c => c.Count <= 100 && c.All(x => x.Length <= 100));
            RuleFor(c => c.AdvertisedEndpoint).MaximumLength(300).Must(e => e.Length == 0 || IsEndpoint(e)).WithMessage("host:port, or empty.");
            RuleFor(c => c.LiveSessionIds).Must(s => s.Count <= 100_000);
        }

        private static bool IsEndpoint(string text) =>
            Uri.TryCreate($"tcp://{text}", UriKind.Absolute, out var uri) && uri.Port > 0 && uri.PathAndQuery is "/" or "" && uri.UserInfo.Length == 0;
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = scope.Actor.AgentId;
            var agent = await db.Agents.SingleOrDefaultAsync(a => a.Id == id && a.RemovedAt == null, cancellationToken) ?? throw new NotFoundException("agent", id.ToString());
            agent.Connect(request.AgentVersion, request.Capabilities, request.AdvertisedEndpoint, request.SnapshotVersion, Timestamp.Truncate(time.GetUtcNow()));
            var live = request.LiveSessionIds.Select(s => new SessionId(s)).ToList();
            await db.Sessions.Where(s => s.AgentId == id && s.Status == SessionStatus.Live && !live.Contains(s.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.Status, SessionStatus.Lost), cancellationToken);
            await db.Sessions.Where(s => s.AgentId == id && s.Status == SessionStatus.Lost && live.Contains(s.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.Status, SessionStatus.Live), cancellationToken);
            journal.Signal(new AgentChanged(agent.OrganizationId, id, IsShutOut: false));
            var counters = await db.Counters.AsNoTracking().SingleAsync(cancellationToken);
            return new(counters.PolicyVersion, counters.CredentialsSequence, agent.ConnectedAt!.Value);
        }
    }
}
