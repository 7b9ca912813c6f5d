using System.Diagnostics;
using Mediator;
using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Application.Pipeline;

/// <summary>One activity for each request, with its name, organization and outcome; never its content.</summary>
internal sealed class TelemetryBehavior<TMessage, TResponse>(ActorScope scope) : IPipelineBehavior<TMessage, TResponse>
    where TMessage : notnull, IMessage
{
    private static readonly string Name = typeof(TMessage).DeclaringType?.Name ?? typeof(TMessage).Name;

    public async ValueTask<TResponse> Handle(TMessage message, MessageHandlerDelegate<TMessage, TResponse> next, CancellationToken cancellationToken)
    {
        using var activity = ControlPlaneTelemetry.Source.StartActivity(Name);
        activity?.SetTag("weir.actor.kind", WireName.Of(scope.Actor.Kind));
        activity?.SetTag("weir.organization", scope.Organization?.ToString());
        try
        {
            return await next(message, cancellationToken);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            activity?.SetTag("error.type", e.GetType().Name);
            throw;
        }
    }
}
