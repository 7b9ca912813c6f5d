using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Weir.Agent.Sessions;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Net.Epoll;

/// <summary>
/// One thread, one epoll instance, and every session whose sockets are in it. Sessions share the loop's receive buffer and output buffers: a session that has nothing
/// half received and nothing unsent owns neither.
/// <code>
///  epoll_wait → handler: recv → session → send          posted work: queue → eventfd → between two rounds of events
/// </code>
/// </summary>
internal sealed unsafe class EpollLoop : IDisposable
{
    /// <summary>Bytes of one receive at most, behind what is kept of the message that came before.</summary>
    public const int ReceiveBytes = 64 * 1024;

    /// <summary>What a session keeps of an incomplete message goes in front of the next receive up to this size; beyond, it gets a buffer of its own.</summary>
    public const int JoinBytes = 16 * 1024;

    private const int OutputBytes = 16 * 1024;
    private const int RetainedOutputBytes = 256 * 1024;
    private const int MaxSpareOutputs = 16;

    private readonly ConcurrentQueue<(Action<object> Work, object State)> _posted = new();
    private readonly Stack<MessageWriter> _spareOutputs = new();
    private readonly Queue<EpollLeg> _unfinished = new();
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(JoinBytes + ReceiveBytes);
    private readonly byte* _records = (byte*)NativeMemory.Alloc(ReceiveBytes);
    private readonly EpollPoll _poll = new();
    private readonly WakeUp _wakeUp;
    private readonly Thread _thread;
    private readonly ILogger _log;
    private int _isAwake;
    private int _sessions;
    private volatile bool _isStopping;

    public EpollLoop(int number, ILogger log)
    {
        _log = log;
        ToClient = NewOutput();
        ToUpstream = NewOutput();
        _wakeUp = new WakeUp();
        _poll.Register(_wakeUp, EpollEvents.Readable);
        _thread = new Thread(Run) { IsBackground = true, Name = $"loop-{number}" };
    }

    /// <summary>Empty between two calls into sessions.</summary>
    public MessageWriter ToClient { get; private set; }

    /// <inheritdoc cref="ToClient"/>
    public MessageWriter ToUpstream { get; private set; }

    /// <summary>Clients that this loop serves, from acceptance to end. Any thread.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    public EpollPoll Poll => _poll;

    /// <summary>Bytes that were allocated on the loop's thread so far; for tests. Any thread.</summary>
    public Task<long> AllocatedBytesAsync()
    {
        var answer = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(static state => ((TaskCompletionSource<long>)state).SetResult(GC.GetAllocatedBytesForCurrentThread()), answer);
        return answer.Task;
    }

    public void Start() => _thread.Start();

    public void Enter() => Interlocked.Increment(ref _sessions);

    public void Leave() => Interlocked.Decrement(ref _sessions);

    /// <summary>Runs work on the loop's thread, behind the events of the present round. Any thread; work that comes after the end is dropped.</summary>
    public void Post(Action<object> work, object state)
    {
        _posted.Enqueue((work, state));
        if (Interlocked.Exchange(ref _isAwake, 1) == 0)
            _wakeUp.Signal();
    }

    /// <summary>The shared receive buffer: room for <see cref="JoinBytes"/> in front of <see cref="ReceiveBytes"/>. Valid within one event.</summary>
    public byte* Buffer => _buffer;

    /// <summary>The shared buffer of encrypted bytes, <see cref="ReceiveBytes"/> long. Valid within one call.</summary>
    public byte* Records => _records;

    /// <summary>Comes back to a leg that has more to read, when all others had their turn.</summary>
    public void Again(EpollLeg leg)
    {
        if (leg.IsQueued)
            return;
        leg.IsQueued = true;
        _unfinished.Enqueue(leg);
    }

    /// <summary>Takes the shared output over for a session that could not send all of it.</summary>
    public void GiveAway(MessageWriter output)
    {
        var next = _spareOutputs.TryPop(out var spare) ? spare : NewOutput();
        if (ReferenceEquals(output, ToClient))
            ToClient = next;
        else
            ToUpstream = next;
    }

    /// <summary>A buffer that was given away comes back, sent or not.</summary>
    public void TakeBack(MessageWriter output)
    {
        output.Clear();
        if (_spareOutputs.Count < MaxSpareOutputs)
            _spareOutputs.Push(output);
    }

    /// <summary>Ends the thread once everything that was posted before has run.</summary>
    public void Stop()
    {
        Post(static loop => ((EpollLoop)loop)._isStopping = true, this);
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            return;
        _thread.Join();
    }

    public void Dispose()
    {
        foreach (var handler in _poll.Handlers())
            _poll.Close(handler);
        _poll.Dispose();
        NativeMemory.Free(_buffer);
        NativeMemory.Free(_records);
    }

    private static MessageWriter NewOutput() => new(OutputBytes, RetainedOutputBytes, pinned: true);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A defect in one handler must not take every session of the loop down; handlers end their own session first.")]
    private void Run()
    {
        while (!_isStopping)
        {
            try
            {
                _poll.Wait(_unfinished.Count > 0 ? 0 : -1);
                for (var left = _unfinished.Count; left > 0; left--)
                    _unfinished.Dequeue().GoOn();
                RunPosted();
            }
            catch (Exception fault)
            {
                _log.SessionFaulted(fault, Guid.Empty);
            }
        }
    }

    private void RunPosted()
    {
        if (Volatile.Read(ref _isAwake) == 0)
            return;
        // First the flag: what is queued behind this line signals again.
        Interlocked.Exchange(ref _isAwake, 0);
        // Work that is queued by this work waits for the next round, so that events get their turn.
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var posted); left--)
            posted.Work(posted.State);
        if (!_posted.IsEmpty && Interlocked.Exchange(ref _isAwake, 1) == 0)
            _wakeUp.Signal();
    }

    /// <summary>The eventfd that ends a wait.</summary>
    private sealed class WakeUp : EpollHandler
    {
        public WakeUp()
        {
            Fd = Libc.EventFd(0, Libc.Cloexec | Libc.Nonblock);
            if (Fd < 0)
                throw new Win32Exception(Marshal.GetLastSystemError());
        }

        public void Signal()
        {
            var one = 1UL;
            _ = Libc.Write(Fd, (byte*)&one, sizeof(ulong));
        }

        public override void OnEvents(EpollEvents events)
        {
            ulong count;
            _ = Libc.Read(Fd, (byte*)&count, sizeof(ulong));
        }
    }
}
