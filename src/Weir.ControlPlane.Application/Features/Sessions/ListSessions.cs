using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Sessions;

/// <summary>Newest first: the actor's sessions and those of its AI agents; everybody's for whoever sees everything.</summary>
public static class ListSessions
{
    /// <param name="Live">True for live ones only, false for those that are not.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(string? Principal = null, string? Connection = null, bool? Live = null, string? After = null, int Limit = PageLimits.Default)
        : IRequest<Page<SessionView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Limit).MustBePageLimit();
            RuleFor(q => q.Principal).MaximumLength(Domain.Principals.Principal.MaxNameLength);
            RuleFor(q => q.Connection).MaximumLength(63);
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope) : IRequestHandler<Query, Page<SessionView>>
    {
        public async ValueTask<Page<SessionView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var me = scope.Actor.PrincipalId;
            var everything = scope.Actor.SeesEverything;
            var principalName = request.Principal is null ? null : Principal.NormalizeName(request.Principal);

            // Only a user has AI agents; an e-mail address is no name of anything else.
            var user = scope.Actor.Kind == ActorKind.User ? scope.Actor.Name : null;
            var sessions = db.Sessions.AsNoTracking()
                .Where(s => everything || s.PrincipalId == me || (user != null && s.OnBehalfOf == user))
                .Where(s => principalName == null || s.PrincipalName == principalName)
                .Where(s => request.Connection == null || s.Connection == request.Connection)
                .Where(s => request.Live == null || (s.Status == SessionStatus.Live) == request.Live);
            if (PageCursor.Parse(request.After) is { } after)
            {
                var id = new SessionId(after.Id);
                sessions = sessions.Where(s => EF.Functions.LessThan(ValueTuple.Create(s.StartedAt, s.Id), ValueTuple.Create(after.At, id)));
            }

            var rows = await (from s in sessions
                              join a in db.Agents.AsNoTracking() on s.AgentId equals a.Id
                              orderby s.StartedAt descending, s.Id descending
                              select new { Session = s, a.Name })
                .Take(request.Limit + 1)
                .ToListAsync(cancellationToken);
            return rows.ConvertAll(r => SessionView.Of(r.Session, r.Name)).ToPage(request.Limit, s => new PageCursor(s.StartedAt, s.Id).ToString());
        }
    }
}
