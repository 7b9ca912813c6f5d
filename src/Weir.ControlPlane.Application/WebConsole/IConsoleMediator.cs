using Mediator;
using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Application.WebConsole;

/// <summary>The console's only way to the control plane: requests, as the signed-in person.</summary>
public interface IConsoleMediator
{
    /// <summary>The signed-in person.</summary>
    Actor Actor { get; }

    /// <summary>Each request has a scope of its own, so that pages may send several at once.</summary>
    Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default);

    /// <summary>What changes in the person's organization from now on; a hint to load again.</summary>
    IAsyncEnumerable<ConsoleChange> WatchAsync(CancellationToken cancellationToken);
}
