using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;

namespace Weir.Agent.Net;

/// <summary>
/// Drives a session over streams: plain sockets, TLS, tunnels. One task per direction and one for events; a lock makes calls into the
/// session follow each other, and is never held across a wait. Who reads from one leg waits while the other can't take more.
/// </summary>
internal sealed partial class StreamDriver : SessionDriver, IDisposable
{
    /// <summary>Bytes that wait to be sent on a leg before its source is read no further.</summary>
    private const int HighWater = 128 * 1024;

    /// <summary>Bytes received from a client beyond the message that is held, to notice that it is gone.</summary>
    private const int ParkedRoom = 64 * 1024;

    private readonly AgentServices _services;
    private readonly ConnectionLease? _lease;
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<Action<PostgresSession>> _posted = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _over = new();
    private readonly PostgresSession _session;
    private readonly StreamLeg _client;
    private readonly List<Task> _tasks = [];
    private readonly ITimer _timer;
    private StreamLeg? _upstream;
    private int _upstreamGeneration;
    private readonly TaskCompletionSource _clientGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _unparked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="lease">Told when the client has authenticated; null when nobody counts.</param>
    public StreamDriver(AgentServices services, ClientInfo client, Stream stream, ConnectionLease? lease = null)
    {
        _services = services;
        _lease = lease;
        _client = new StreamLeg(stream);
        _session = new PostgresSession(services, client, this);
        _timer = CreateTimer();
    }

    /// <summary>Takes over a session that another driver has begun and whose two legs are open.</summary>
    public StreamDriver(AgentServices services, PostgresSession session, Stream client, Stream upstream, ConnectionLease? lease)
    {
        _services = services;
        _lease = lease;
        _client = new StreamLeg(client);
        _upstream = new StreamLeg(upstream);
        _session = session;
        _timer = CreateTimer();
    }

    /// <summary>Runs the session from its startup message to its end.</summary>
    /// <param name="startupPacket">The startup message, whole.</param>
    /// <param name="stop">Ends it hard.</param>
    public Task RunAsync(ReadOnlyMemory<byte> startupPacket, CancellationToken stop) => RunAsync(s => s.Start(startupPacket.Span), stop);

    /// <summary>Goes on with a session that was taken over, by encrypting its upstream leg.</summary>
    /// <param name="stop">Ends it hard.</param>
    public Task ContinueAsync(UpstreamTlsOptions options, CancellationToken stop) => RunAsync(_ => Continue(options), stop);

    private async Task RunAsync(Action<PostgresSession> begin, CancellationToken stop)
    {
        await using var stopping = stop.Register(static state => ((StreamDriver)state!).Abort(), this).ConfigureAwait(false);
        try
        {
            Call(begin);
            lock (_gate)
                _tasks.Add(ReadAsync(_client, isClient: true, 0));
            await HandleEventsAsync().ConfigureAwait(false);
        }
        finally
        {
            Abort();
            await WaitForTasksAsync().ConfigureAwait(false);
            _client.Release();
            _upstream?.Release();
        }
    }

    public override void Post(Action<PostgresSession> work)
    {
        _posted.Enqueue(work);
        try
        {
            _wake.Release();
        }
        catch (ObjectDisposedException)
        {
            // The session ended in the meantime; nobody waits for this any more.
        }
    }

    public override void WakeAfter(TimeSpan? delay)
    {
        try
        {
            _timer.Change(delay ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The timer goes with the driver.
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _over.Dispose();
        _wake.Dispose();
        _client.Dispose();
        _upstream?.Dispose();
    }

    private ITimer CreateTimer() =>
        _services.Time.CreateTimer(static state => ((StreamDriver)state!).Post(static s => s.OnTimer()), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private async Task HandleEventsAsync()
    {
        while (true)
        {
            await _wake.WaitAsync(_over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_over.IsCancellationRequested)
                return;
            while (_posted.TryDequeue(out var work))
                Call(work);
            Call(static _ => { });
            lock (_gate)
            {
                if (_session.IsOver)
                    break;
            }
        }

        try
        {
            await SayLastWordsAsync().WaitAsync(_services.Options.CloseDeadline, _services.Time, _over.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is TimeoutException || IsConnectionFault(fault))
        {
            // Whoever does not listen misses the last words.
        }
    }

    /// <summary>
    /// Sends what is left, then waits for the client to close: a socket that is closed with unread bytes in it is reset, and the reset can
    /// overtake the error message that explains it.
    /// </summary>
    private async Task SayLastWordsAsync()
    {
        Task sending;
        lock (_gate)
            sending = Task.WhenAll(_client.SendTask, _upstream?.SendTask ?? Task.CompletedTask);
        await sending.ConfigureAwait(false);
        if (!_session.HasLastWord)
            return;
        await _client.ShutDownAsync().ConfigureAwait(false);
        await _clientGone.Task.ConfigureAwait(false);
    }

    /// <summary>One call into the session, then whatever follows from it: input that can go on now, output to be sent.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A defect ends its own session, not the process.")]
    private void Call(Action<PostgresSession> work)
    {
        lock (_gate)
        {
            try
            {
                work(_session);
                Feed();
            }
            catch (Exception fault)
            {
                OnFault(fault);
            }

            if (_session.Identity is not null)
                _lease?.OnAuthenticated();
            StartSending();
        }
    }

    private void OnFault(Exception fault)
    {
        _services.Log.SessionFaulted(fault, _session.Id);
        _session.Fail(fault.GetType().Name);
    }

    private void Feed()
    {
        bool again;
        do
        {
            again = false;
            if (_session.ReadsClient && !_client.NeedsMore && !_client.Pending.IsEmpty)
            {
                var consumed = _session.OnClientBytes(_client.Pending);
                _client.Take(consumed);
                _client.NeedsMore = _session.ReadsClient && !_client.Pending.IsEmpty;
                again |= consumed > 0;
            }

            if (_upstream is { NeedsMore: false } upstream && _session.ReadsUpstream && !upstream.Pending.IsEmpty)
            {
                var consumed = _session.OnUpstreamBytes(upstream.Pending);
                if (ReferenceEquals(upstream, _upstream))
                {
                    upstream.Take(consumed);
                    upstream.NeedsMore = _session.ReadsUpstream && !upstream.Pending.IsEmpty;
                }

                again |= consumed > 0;
            }
        }
        while (again && _session.ToClient.Length < HighWater && _session.ToUpstream.Length < HighWater);

        // Whoever waits because of a full output or a parked direction looks again.
        var unparked = _unparked;
        _unparked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        unparked.TrySetResult();
        if (_session.IsOver)
            _wake.Release();
    }

    private void StartSending()
    {
        if (!_session.ToClient.IsEmpty && _client is { IsSending: false, IsClosed: false })
        {
            _client.IsSending = true;
            _client.SendTask = SendAsync(_client, isClient: true);
        }

        if (_upstream is { IsSending: false, IsClosed: false } upstream && !_session.ToUpstream.IsEmpty)
        {
            upstream.IsSending = true;
            upstream.SendTask = SendAsync(upstream, isClient: false);
        }
    }

    private async Task SendAsync(StreamLeg leg, bool isClient)
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    var waiting = isClient ? _session.ToClient : _session.ToUpstream;
                    if (waiting.IsEmpty || (!isClient && !ReferenceEquals(leg, _upstream)))
                    {
                        leg.IsSending = false;
                        return;
                    }

                    if (isClient)
                        _session.ToClient = leg.Sending;
                    else
                        _session.ToUpstream = leg.Sending;
                    leg.Sending = waiting;
                }

                await leg.Stream.WriteAsync(leg.Sending.WrittenMemory).ConfigureAwait(false);
                lock (_gate)
                    leg.Sending.Clear();
            }
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            lock (_gate)
            {
                leg.IsSending = false;
                leg.IsClosed = true;
            }

            if (isClient)
                _clientGone.TrySetResult();
            Post(isClient ? static s => s.OnClientClosed(isOrderly: false) : static s => s.OnUpstreamClosed());
        }
    }

    private async Task ReadAsync(StreamLeg leg, bool isClient, int generation)
    {
        // Whose stream was exchanged for an encrypted one has a successor, even if the handshake is over already.
        var stream = leg.Stream;
        try
        {
            while (true)
            {
                Memory<byte> room;
                Task wait;
                lock (_gate)
                {
                    if (leg.IsHandedOver || !ReferenceEquals(stream, leg.Stream) || (!isClient && generation != _upstreamGeneration))
                        return;
                    wait = _unparked.Task;
                    var destination = isClient ? _upstream : _client;
                    var waiting = isClient ? _session.ToUpstream : _session.ToClient;
                    var reads = isClient ? _session.ReadsClient : _session.ReadsUpstream;
                    if (waiting.Length >= HighWater && destination is { IsSending: true })
                    {
                        wait = destination.SendTask;
                        room = default;
                    }
                    else
                    {
                        room = leg.Room(reads ? int.MaxValue : ParkedRoom);
                    }
                }

                if (room.IsEmpty)
                {
                    await wait.WaitAsync(_over.Token).ConfigureAwait(false);
                    Call(static _ => { });
                    continue;
                }

                var count = await stream.ReadAsync(room, _over.Token).ConfigureAwait(false);
                if (count == 0)
                    break;
                lock (_gate)
                {
                    if (!isClient && generation != _upstreamGeneration)
                        return;
                    leg.Received(count);
                }

                Call(static _ => { });
            }

            OnEnd(isClient, isOrderly: true, generation);
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            OnEnd(isClient, isOrderly: false, generation);
        }
    }

    private void OnEnd(bool isClient, bool isOrderly, int generation)
    {
        if (isClient)
            _clientGone.TrySetResult();
        if (_over.IsCancellationRequested)
            return;
        Call(s =>
        {
            if (isClient)
                s.OnClientClosed(isOrderly);
            else if (generation == _upstreamGeneration)
                s.OnUpstreamClosed();
        });
    }

    private void Abort()
    {
        lock (_gate)
            _upstreamGeneration++;
        // Outside of the lock: cancelling runs the continuations of whoever waits.
        _over.Cancel();
        lock (_gate)
        {
            _client.Dispose();
            _upstream?.Dispose();
        }
    }

    private async Task WaitForTasksAsync()
    {
        while (true)
        {
            Task[] tasks;
            lock (_gate)
            {
                _tasks.RemoveAll(t => t.IsCompleted);
                tasks = [.. _tasks, _client.SendTask, _upstream?.SendTask ?? Task.CompletedTask];
            }

            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                if (_tasks.TrueForAll(t => t.IsCompleted))
                    return;
            }
        }
    }

    private static bool IsConnectionFault(Exception fault) =>
        fault is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
