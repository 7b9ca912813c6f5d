using Mediator;
using Weir.ControlPlane.Application.Changes;

namespace Weir.ControlPlane.Application.Pipeline;

/// <summary>Every request, reads too, runs in one transaction: only there is the organization set for row-level security.</summary>
internal sealed class TransactionBehavior<TMessage, TResponse>(UnitOfWork work) : IPipelineBehavior<TMessage, TResponse>
    where TMessage : notnull, IMessage
{
    public ValueTask<TResponse> Handle(TMessage message, MessageHandlerDelegate<TMessage, TResponse> next, CancellationToken cancellationToken) =>
        message is IManagesTransaction
            ? next(message, cancellationToken)
            : work.RunAsync(token => next(message, token), cancellationToken);
}
