using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Principals;

public static class ListGroups
{
    [RequirePermission(Permission.ReadPrincipals)]
    public sealed record Query : IRequest<Page<Group>>;

    /// <param name="Members">Names of its principals.</param>
    public sealed record Group(Guid Id, string Name, IReadOnlyList<string> Members);

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, Page<Group>>
    {
        public async ValueTask<Page<Group>> Handle(Query request, CancellationToken cancellationToken)
        {
            var groups = await db.Groups.AsNoTracking().OrderBy(g => g.Name).ToListAsync(cancellationToken);
            var members = await (from m in db.GroupMemberships.AsNoTracking()
                                 join p in db.Principals.AsNoTracking() on m.PrincipalId equals p.Id
                                 select new { m.GroupId, p.Name }).Distinct().ToListAsync(cancellationToken);
            var byGroup = members.OrderBy(m => m.Name, StringComparer.Ordinal).ToLookup(m => m.GroupId, m => m.Name);
            return new([.. groups.Select(g => new Group(g.Id.Value, g.Name, [.. byGroup[g.Id]]))], null);
        }
    }
}
