using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;

namespace Weir.ControlPlane.Application.Pipeline;

internal sealed class AuthorizationBehavior<TMessage, TResponse>(RequestPermissions permissions, ActorScope scope) : IPipelineBehavior<TMessage, TResponse>
    where TMessage : notnull, IMessage
{
    public ValueTask<TResponse> Handle(TMessage message, MessageHandlerDelegate<TMessage, TResponse> next, CancellationToken cancellationToken) =>
        permissions.Find(typeof(TMessage)) is { } permission && PermissionRules.Allows(scope.Actor, permission)
            ? next(message, cancellationToken)
            : throw new ForbiddenException(scope.Actor.Kind == ActorKind.Anonymous ? "Sign in first." : "This is not yours to do.");
}
