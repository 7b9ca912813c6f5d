using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Organizations;

/// <summary>For the system's own rounds.</summary>
public static class ListOrganizations
{
    [RequirePermission(Permission.RunSystem)]
    public sealed record Query : IRequest<IReadOnlyList<Guid>>;

    internal sealed class Handler(OrganizationLookup lookup) : IRequestHandler<Query, IReadOnlyList<Guid>>
    {
        public async ValueTask<IReadOnlyList<Guid>> Handle(Query request, CancellationToken cancellationToken) =>
            [.. (await lookup.AllAsync(cancellationToken)).Select(o => o.Value)];
    }
}
