using Mediator;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Domain;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Pipeline;

/// <summary>Turns what entities and the database refuse into the closed set of failures that front doors translate.</summary>
internal sealed class FailureBehavior<TMessage, TResponse> : IPipelineBehavior<TMessage, TResponse>
    where TMessage : notnull, IMessage
{
    public async ValueTask<TResponse> Handle(TMessage message, MessageHandlerDelegate<TMessage, TResponse> next, CancellationToken cancellationToken)
    {
        try
        {
            return await next(message, cancellationToken);
        }
        catch (IllegalTransitionException e)
        {
            throw new ConflictException(e.Message, e);
        }
        catch (ApprovalRefusedException e)
        {
            throw new ForbiddenException(e.Message);
        }
        catch (DbUpdateConcurrencyException e)
        {
            throw new ConflictException("Somebody else changed this at the same moment. Look at it again.", e);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new ConflictException("There is one of that name already.", e);
        }
        catch (Exception e) when ((e as PostgresException ?? e.InnerException as PostgresException) is
        { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter })
        {
            throw new ValidationFailedException("", "A text holds a character that can't be kept: NUL, or half of a surrogate pair.");
        }
    }
}
