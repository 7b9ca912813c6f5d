using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

/// <summary>Reads principals together with their groups.</summary>
internal sealed class PrincipalReader(WeirDbContext db)
{
    public async Task<IReadOnlyList<string>> GroupsOfAsync(PrincipalId principal, CancellationToken cancellationToken) =>
        await (from m in db.GroupMemberships.AsNoTracking()
               join g in db.Groups.AsNoTracking() on m.GroupId equals g.Id
               where m.PrincipalId == principal
               orderby g.Name
               select g.Name).Distinct().ToListAsync(cancellationToken);

    public async Task<ILookup<PrincipalId, string>> GroupsOfAsync(IReadOnlyCollection<PrincipalId> principals, CancellationToken cancellationToken)
    {
        var rows = await (from m in db.GroupMemberships.AsNoTracking()
                          join g in db.Groups.AsNoTracking() on m.GroupId equals g.Id
                          where principals.Contains(m.PrincipalId)
                          select new { m.PrincipalId, g.Name }).Distinct().ToListAsync(cancellationToken);
        return rows.OrderBy(r => r.Name, StringComparer.Ordinal).ToLookup(r => r.PrincipalId, r => r.Name);
    }

    /// <summary>Null when it does not exist, is disabled, or acts for a user who is.</summary>
    public async Task<Actor?> FindActorAsync(PrincipalId id, CancellationToken cancellationToken)
    {
        var principal = await db.Principals.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellationToken);
        return principal is null || !await IsActiveAsync(principal, cancellationToken)
            ? null
            : Actor.ForPrincipal(principal, await GroupsOfAsync(id, cancellationToken));
    }

    public async Task<bool> IsActiveAsync(Principal principal, CancellationToken cancellationToken) =>
        !principal.IsDisabled
        && (principal.OnBehalfOf is not { } user || await db.Principals.AnyAsync(p => p.Id == user && p.DisabledAt == null, cancellationToken));

    public async Task<IReadOnlyList<PrincipalView>> ToViewsAsync(IReadOnlyList<Principal> principals, CancellationToken cancellationToken)
    {
        var ids = principals.Select(p => p.Id).ToList();
        var users = principals.Where(p => p.OnBehalfOf is not null).Select(p => p.OnBehalfOf!.Value).Distinct().ToList();
        var groups = await GroupsOfAsync(ids, cancellationToken);
        var names = await db.Principals.AsNoTracking().Where(p => users.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return [.. principals.Select(p => new PrincipalView(
            p.Id.Value,
            p.Name,
            p.DisplayName,
            WireName.Of(p.Kind),
            p.OnBehalfOf is { } user ? names.GetValueOrDefault(user) : null,
            [.. groups[p.Id]],
            RoleNames(p.Roles),
            p.IsDisabled,
            p.CreatedAt))];
    }

    public static IReadOnlyList<string> RoleNames(Roles roles) =>
        [.. Enum.GetValues<Roles>().Where(r => r != Roles.Member && roles.HasFlag(r)).Select(r => WireName.Of(r))];
}
