using Mediator;
using Microsoft.Extensions.DependencyInjection;
using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Application;

/// <summary>Sends a request as somebody, in a dependency-injection scope of its own.</summary>
public sealed class ActorMediator(IServiceScopeFactory scopes)
{
    public async Task<TResponse> SendAsync<TResponse>(Actor actor, IRequest<TResponse> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ActorScope>().Set(actor);
        return await scope.ServiceProvider.GetRequiredService<ISender>().Send(request, cancellationToken);
    }
}
