using Mediator;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;

namespace Weir.ControlPlane.Server.Authentication;

/// <summary>Who calls a route, as a parameter of its handler; sends requests as that actor.</summary>
internal sealed record Caller(Actor Actor, ActorMediator Mediator, CancellationToken Aborted)
{
    public Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request) => Mediator.SendAsync(Actor, request, Aborted);

    public static ValueTask<Caller> BindAsync(HttpContext http) => ValueTask.FromResult(new Caller(
        ActorOf(http) ?? throw new ForbiddenException("Sign in first."), http.RequestServices.GetRequiredService<ActorMediator>(), http.RequestAborted));

    /// <summary>Null while nobody is signed in.</summary>
    public static Actor? ActorOf(HttpContext http) => (http.User.Identity as ActorIdentity)?.ActsAs;
}
