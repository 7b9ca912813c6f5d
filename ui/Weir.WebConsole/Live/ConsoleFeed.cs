using Microsoft.Extensions.Logging;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Live;

/// <summary>The one subscription of a circuit to what changes; every page that is open listens to it.</summary>
public sealed partial class ConsoleFeed(IConsoleMediator mediator, ILogger<ConsoleFeed> logger, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Action<ConsoleChange>> _listeners = [];
    private Task? _reading;

    /// <summary>Listeners are called on the reader's thread and must neither block nor throw.</summary>
    /// <returns>Ends the subscription when it is disposed of.</returns>
    public IDisposable Subscribe(Action<ConsoleChange> onChange)
    {
        lock (_lock)
        {
            _listeners.Add(onChange);
            _reading ??= Task.Run(ReadAsync);
        }

        return new Listener(this, onChange);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_reading is not null)
        {
            await _reading;
        }

        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in mediator.WatchAsync(_stop.Token))
                {
                    Publish(change);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogLost(e);
            }

            await Task.Delay(RetryAfter, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Publish(new ConsoleChange(ConsoleSubject.Everything, null));
        }
    }

    private void Publish(ConsoleChange change)
    {
        Action<ConsoleChange>[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener(change);
        }
    }

    private void Remove(Action<ConsoleChange> listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
        }
    }

    [LoggerMessage(7001, LogLevel.Warning, "The stream of changes ended; reading it again.")]
    private partial void LogLost(Exception exception);

    private sealed class Listener(ConsoleFeed feed, Action<ConsoleChange> onChange) : IDisposable
    {
        public void Dispose() => feed.Remove(onChange);
    }
}
