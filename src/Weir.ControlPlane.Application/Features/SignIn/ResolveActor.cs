using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.SignIn;

/// <summary>From a session cookie that a front door has checked to the principal as it is now: its groups and roles may have changed since.</summary>
public static class ResolveActor
{
    [RequirePermission(Permission.Anonymous)]
    public sealed record Query(Guid OrganizationId, Guid PrincipalId) : IRequest<SignInResult>;

    internal sealed class Handler(OrganizationLookup lookup, PrincipalReader principals) : IRequestHandler<Query, SignInResult>
    {
        public async ValueTask<SignInResult> Handle(Query request, CancellationToken cancellationToken)
        {
            await lookup.EnterAsync(new OrganizationId(request.OrganizationId), cancellationToken);
            return new(await principals.FindActorAsync(new PrincipalId(request.PrincipalId), cancellationToken));
        }
    }
}
