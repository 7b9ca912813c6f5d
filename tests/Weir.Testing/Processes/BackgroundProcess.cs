using System.Diagnostics;
using System.Text;

namespace Weir.Testing.Processes;

/// <summary>A program that runs beside the test, with its output kept, until it is stopped or disposed of.</summary>
public sealed class BackgroundProcess : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PatienceAtDisposal = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly List<LineWaiter> _waiters = [];
    private readonly Task _reading;
    private bool _isDisposed;

    private BackgroundProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything printed so far, both streams in order of arrival.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>What the program reads.</summary>
    public StreamWriter StandardInput => _process.StandardInput;

    /// <inheritdoc cref="ProcessRunner.RunAsync"/>
    public static BackgroundProcess Start(
        string fileName,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null) =>
        new(ProcessRunner.Start(ProcessRunner.StartInfo(fileName, arguments, environment, workingDirectory)));

    /// <summary>The first line printed, before or after this call, that satisfies the condition.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    /// <exception cref="InvalidOperationException">The program ended without one.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> condition, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var waiter = new LineWaiter(condition);
        lock (_lock)
        {
            if (_output.ToString().Split('\n').FirstOrDefault(condition) is { } earlier)
            {
                return earlier;
            }

            _waiters.Add(waiter);
        }

        try
        {
            var first = await Task.WhenAny(waiter.Line.Task, _reading).WaitAsync(deadline, cancellationToken);
            return first == waiter.Line.Task || waiter.Line.Task.IsCompleted
                ? await waiter.Line.Task
                : throw new InvalidOperationException($"The program ended before it printed what was waited for.\n{Output}");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The program did not print what was waited for.\n{Output}");
        }
    }

    /// <summary>Sends a signal by its name, e.g. <c>TERM</c> or <c>STOP</c>.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken) =>
        (await ProcessRunner.RunAsync("kill", ["-s", signal, $"{Id}"], cancellationToken: cancellationToken)).EnsureSuccess();

    /// <summary>Kills the program without giving it a chance to clean up.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Asks the program to end (SIGTERM) and returns its exit status.</summary>
    public async Task<int> StopAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (!_process.HasExited)
        {
            await SignalAsync("TERM", cancellationToken);
        }

        return await WaitForExitAsync(deadline, cancellationToken);
    }

    /// <summary>Waits until the program has ended and returns its exit status.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(deadline, cancellationToken);

        // Its last words may still be in the pipe; a child that keeps the pipe open is not waited for.
        await _reading.WaitAsync(LastWords, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _process.ExitCode;
    }

    /// <summary>Closes the program's input, asks it to end, and kills it and its children if it doesn't.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        try
        {
            _process.StandardInput.Close();
            await StopAsync(PatienceAtDisposal, CancellationToken.None);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException or InvalidOperationException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_lock)
            {
                _output.Append(line).Append('\n');
                foreach (var waiter in _waiters.Where(waiter => waiter.Condition(line)))
                {
                    waiter.Line.TrySetResult(line);
                }
            }
        }
    }

    private sealed record LineWaiter(Func<string, bool> Condition)
    {
        public TaskCompletionSource<string> Line { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
