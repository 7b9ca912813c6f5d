using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Tests.Fakes;

/// <summary>Answers what a test tells it to, and keeps what it was asked.</summary>
internal sealed class FakeConsoleMediator(Actor actor) : IConsoleMediator
{
    private readonly Dictionary<Type, Func<object, CancellationToken, Task<object?>>> _answers = [];
    private readonly List<object> _sent = [];
    private readonly Lock _lock = new();
    private readonly List<ChannelWriter<ConsoleChange>> _watchers = [];
    private readonly TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Actor Actor { get; } = actor;

    /// <summary>How often the stream of changes was opened.</summary>
    public int Watchers
    {
        get
        {
            lock (_lock)
            {
                return _watchers.Count;
            }
        }
    }

    /// <summary>Done once somebody listens: a change made earlier would reach nobody.</summary>
    public Task WatchedAsync() => _watched.Task.WaitAsync(TimeSpan.FromSeconds(10));

    public FakeConsoleMediator On<TRequest, TResponse>(Func<TRequest, TResponse> answer)
        where TRequest : IRequest<TResponse> => OnAsync<TRequest, TResponse>((request, _) => Task.FromResult(answer(request)));

    public FakeConsoleMediator OnAsync<TRequest, TResponse>(Func<TRequest, CancellationToken, Task<TResponse>> answer)
        where TRequest : IRequest<TResponse>
    {
        _answers[typeof(TRequest)] = async (request, token) => await answer((TRequest)request, token);
        return this;
    }

    /// <summary>Requests of a type, in the order in which they were sent.</summary>
    public IReadOnlyList<TRequest> Sent<TRequest>()
    {
        lock (_lock)
        {
            return [.. _sent.OfType<TRequest>()];
        }
    }

    public async Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _sent.Add(request);
        }

        var answer = _answers.TryGetValue(request.GetType(), out var found)
            ? found
            : throw new InvalidOperationException($"The test has no answer to {request.GetType()}.");
        return (TResponse)(await answer(request, cancellationToken))!;
    }

    public async IAsyncEnumerable<ConsoleChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateUnbounded<ConsoleChange>();
        lock (_lock)
        {
            _watchers.Add(changes.Writer);
        }

        _watched.TrySetResult();

        await foreach (var change in changes.Reader.ReadAllAsync(cancellationToken))
        {
            yield return change;
        }
    }

    public void Change(ConsoleSubject subject, Guid? id = null)
    {
        lock (_lock)
        {
            _watchers.ForEach(w => w.TryWrite(new ConsoleChange(subject, id)));
        }
    }
}
