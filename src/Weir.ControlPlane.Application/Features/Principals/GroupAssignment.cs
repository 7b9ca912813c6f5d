using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

/// <summary>Replaces the memberships of a principal that come from one source; groups are made when they are first named.</summary>
internal sealed class GroupAssignment(WeirDbContext db, TimeProvider time)
{
    public const int MaxGroups = 200;

    /// <returns>Whether the principal is in other groups now.</returns>
    public async Task<bool> ReplaceAsync(OrganizationId organization, PrincipalId principal, IEnumerable<string> names, MembershipSource source, CancellationToken cancellationToken)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var now = time.GetUtcNow();
        var groups = await db.Groups.Where(g => wanted.Contains(g.Name)).ToDictionaryAsync(g => g.Name, cancellationToken);
        foreach (var name in wanted.Where(n => !groups.ContainsKey(n)))
        {
            var group = db.Groups.Local.FirstOrDefault(g => g.Name == name);
            if (group is null)
            {
                group = new Group(organization, GroupId.New(now), name, now);
                db.Groups.Add(group);
            }

            groups.Add(name, group);
        }

        var current = await db.GroupMemberships.Where(m => m.PrincipalId == principal && m.Source == source).ToListAsync(cancellationToken);
        var wantedIds = groups.Values.Select(g => g.Id).ToHashSet();
        var left = current.Where(m => !wantedIds.Contains(m.GroupId)).ToList();
        var joined = wantedIds.Where(id => current.All(m => m.GroupId != id)).ToList();
        db.GroupMemberships.RemoveRange(left);
        db.GroupMemberships.AddRange(joined.Select(id => new GroupMembership(organization, id, principal, source, now)));
        return left.Count > 0 || joined.Count > 0;
    }
}
