using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

public static class ListAccessRequests
{
    /// <param name="All">Also those that are decided or lapsed.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(bool All = false, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<AccessRequestView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).MustBePageLimit();
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Query, Page<AccessRequestView>>
    {
        public async ValueTask<Page<AccessRequestView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var actor = scope.Actor;
            var me = actor.PrincipalId;
            var everything = actor.SeesEverything;
            var groups = actor.Groups.ToArray();
            var now = time.GetUtcNow();
            var requests = db.AccessRequests.AsNoTracking()
                .Where(r => everything || r.PrincipalId == me || r.OnBehalfOf == me || EF.Functions.JsonExistAny(r.Approvers, groups))
                .Where(r => request.All || (r.Status == AccessRequestStatus.Pending && r.ExpiresAt > now));
            if (PageCursor.Parse(request.After) is { } after)
            {
                var id = new AccessRequestId(after.Id);
                requests = requests.Where(r => EF.Functions.LessThan(ValueTuple.Create(r.CreatedAt, r.Id), ValueTuple.Create(after.At, id)));
            }

            var rows = await requests.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Take(request.Limit + 1).ToListAsync(cancellationToken);
            return rows.ConvertAll(r => AccessRequestView.Of(r, actor, now)).ToPage(request.Limit, r => new PageCursor(r.CreatedAt, r.Id).ToString());
        }
    }
}
