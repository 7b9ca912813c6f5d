using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Principals;

public static class GetMe
{
    [RequirePermission(Permission.Participate)]
    public sealed record Query : IRequest<Response>;

    /// <param name="Organization">Its name.</param>
    public sealed record Response(
        Guid Id,
        string Name,
        string DisplayName,
        string Kind,
        IReadOnlyList<string> Groups,
        IReadOnlyList<string> Roles,
        Guid OrganizationId,
        string Organization);

    internal sealed class Handler(WeirDbContext db, ActorScope scope) : IRequestHandler<Query, Response>
    {
        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var actor = scope.Actor;
            var organization = await db.Organizations.AsNoTracking().SingleAsync(cancellationToken);
            return new(
                actor.PrincipalId.Value,
                actor.Name,
                actor.DisplayName,
                WireName.Of(actor.Kind),
                actor.Groups,
                PrincipalReader.RoleNames(actor.Roles),
                organization.OrganizationId.Value,
                organization.Name);
        }
    }
}
