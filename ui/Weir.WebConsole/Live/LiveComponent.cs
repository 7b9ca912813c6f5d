using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Logging;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Failures;

namespace Weir.WebConsole.Live;

/// <summary>
/// Something that loads, acts and follows changes. Whatever a request throws becomes text on the page; nothing that it does can end the circuit.
/// </summary>
public abstract partial class LiveComponent : ComponentBase, IAsyncDisposable
{
    /// <summary>Changes come in bursts: one load answers all that arrive within it.</summary>
    internal static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _load;
    private Task _loading = Task.CompletedTask;
    private IDisposable? _subscription;
    private ITimer? _pending;
    private object? _loadedFor;

    [Inject]
    protected IConsoleMediator Mediator { get; set; } = null!;

    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    [Inject]
    private ConsoleFeed Feed { get; set; } = null!;

    [Inject]
    private ILoggerFactory Loggers { get; set; } = null!;

    /// <summary>At least one load has succeeded, so there is something to show.</summary>
    protected bool IsLoaded { get; private set; }

    /// <summary>Why the last load failed.</summary>
    protected Failure? LoadFailure { get; private set; }

    /// <summary>Why the last action failed.</summary>
    protected Failure? ActionFailure { get; set; }

    protected bool IsBusy { get; private set; }

    /// <summary>What was loaded depends on it: another value loads again.</summary>
    protected virtual object LoadKey => "";

    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <summary>Whether to load again after this change.</summary>
    protected virtual bool Concerns(ConsoleChange change) => false;

    /// <summary>What to do about a change; loads again unless overridden. Called on the component's own thread of work.</summary>
    protected virtual Task OnChangedAsync() => ReloadAsync();

    protected override void OnInitialized() => _subscription = Feed.Subscribe(OnChange);

    protected override async Task OnParametersSetAsync()
    {
        if (!Equals(_loadedFor, LoadKey))
        {
            _loadedFor = LoadKey;
            IsLoaded = false;
            LoadFailure = ActionFailure = null;
            await ReloadAsync();
        }
    }

    /// <summary>Gives up a load that is under way; what it would bring is older than what is wanted now.</summary>
    protected Task ReloadAsync()
    {
        _load?.Cancel();
        _load?.Dispose();
        _load = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        return _loading = LoadAfterAsync(_loading, _load.Token);
    }

    /// <summary>Runs one action of the person, and loads again after it. A second one meanwhile is dropped: it is a double click.</summary>
    protected async Task ActAsync(Func<CancellationToken, Task> action, bool reload = true) => await TryActAsync(action, reload);

    /// <summary>The same.</summary>
    /// <returns>Whether it succeeded.</returns>
    protected async Task<bool> TryActAsync(Func<CancellationToken, Task> action, bool reload = true)
    {
        if (IsBusy)
        {
            return false;
        }

        IsBusy = true;
        ActionFailure = null;
        try
        {
            await action(_gone.Token);
            if (reload)
            {
                await ReloadAsync();
            }

            return true;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            ActionFailure = Explain(e);
            return false;
        }
        finally
        {
            IsBusy = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _subscription?.Dispose();
        if (_pending is not null)
        {
            await _pending.DisposeAsync();
        }

        await _gone.CancelAsync();
        await _loading;
        _load?.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task LoadAfterAsync(Task previous, CancellationToken cancellationToken)
    {
        await previous;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await LoadAsync(cancellationToken);

            // Something that took no notice of it brought what nobody wants any more: the load after this one brings the rest.
            cancellationToken.ThrowIfCancellationRequested();
            (IsLoaded, LoadFailure) = (true, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LoadFailure = Explain(e);
        }
    }

    private Failure Explain(Exception exception)
    {
        var failure = Failure.Of(exception);
        if (failure.IsUnknown)
        {
            LogFailed(Loggers.CreateLogger(GetType()), GetType().Name, exception);
        }

        return failure;
    }

    private void OnChange(ConsoleChange change)
    {
        if (change.Subject != ConsoleSubject.Everything && !Concerns(change))
        {
            return;
        }

        _ = InvokeAsync(() =>
        {
            if (!_gone.IsCancellationRequested)
            {
                _pending ??= Time.CreateTimer(_ => _ = InvokeAsync(FollowAsync), null, Debounce, Timeout.InfiniteTimeSpan);
            }
        });
    }

    private async Task FollowAsync()
    {
        if (_gone.IsCancellationRequested)
        {
            return;
        }

        // Under steady change a load must still be able to finish, so this one waits for the one before it.
        await _loading;
        _pending?.Dispose();
        _pending = null;
        if (!_gone.IsCancellationRequested)
        {
            await OnChangedAsync();
            StateHasChanged();
        }
    }

    [LoggerMessage(7002, LogLevel.Error, "A request of {Component} failed.")]
    private static partial void LogFailed(ILogger logger, string component, Exception exception);
}
