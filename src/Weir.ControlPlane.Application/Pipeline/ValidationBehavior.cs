using FluentValidation;
using Mediator;
using Weir.ControlPlane.Application.Failures;

namespace Weir.ControlPlane.Application.Pipeline;

internal sealed class ValidationBehavior<TMessage, TResponse>(IEnumerable<IValidator<TMessage>> validators) : IPipelineBehavior<TMessage, TResponse>
    where TMessage : notnull, IMessage
{
    public async ValueTask<TResponse> Handle(TMessage message, MessageHandlerDelegate<TMessage, TResponse> next, CancellationToken cancellationToken)
    {
        var faults = new List<RequestFault>();
        foreach (var validator in validators)
        {
            var result = await validator.ValidateAsync(message, cancellationToken);
            faults.AddRange(result.Errors.Select(e => new RequestFault(CamelCase(e.PropertyName), e.ErrorMessage)));
        }

        return faults.Count == 0 ? await next(message, cancellationToken) : throw new ValidationFailedException(faults);
    }

    private static string CamelCase(string path) =>
        string.Join('.', path.Split('.').Select(p => p.Length == 0 ? p : char.ToLowerInvariant(p[0]) + p[1..]));
}
