using System.Diagnostics;

namespace Weir.Sql.Parsing;

/// <summary>
/// One sandbox with a parser in it. Serves one call at a time from any thread; only <see cref="InterruptIfLate"/> may be
/// called while another thread is inside a call.
/// </summary>
internal sealed unsafe class ParserInstance : IDisposable
{
    // Guards _lateAt and _interrupted against the watch: once Finish has run, no interrupt can reach the instance.
    private readonly Lock _gate = new();
    private readonly nint _handle;
    private long? _lateAt;
    private long _allowance;
    private int _clock;
    private long? _clockAtFirst;
    private bool _interrupted;
    private bool _dead;
    private bool _holdsResult;
    private bool _disposed;

    private ParserInstance(nint handle) => _handle = handle;

    /// <summary>False when it must not serve another text: it trapped, was interrupted, holds a result, or holds more memory than a fresh one.</summary>
    public bool IsReusable(uint memoryBytes) => !_dead && !_interrupted && !_holdsResult && NativeParser.MemorySize(_handle) <= memoryBytes;

    /// <summary>Null when the system gives no memory. Takes about 0.4 ms.</summary>
    public static ParserInstance? TryCreate(int megabytes)
    {
        nint handle = NativeParser.New((uint)megabytes);
        return handle == 0 ? null : new ParserInstance(handle);
    }

    /// <param name="lateAt">When to interrupt in any case, as <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="allowance">Processor time after which to interrupt, counted from the first look of the watch.</param>
    public void Start(long lateAt, TimeSpan allowance)
    {
        lock (_gate)
        {
            _allowance = (long)allowance.TotalNanoseconds;
            _lateAt = lateAt;
            UseThread();
        }
    }

    public void Finish()
    {
        lock (_gate)
            _lateAt = null;
    }

    /// <summary>The result stays valid until <see cref="Release"/>.</summary>
    public NativeStatus Call(NativeOperation operation, ReadOnlySpan<byte> sql, int stackBytes, out NativeResult result)
    {
        // Not always the thread that started it: one with too small a stack hands the call on.
        lock (_gate)
            UseThread();
        NativeResult native;
        NativeStatus status;
        fixed (byte* text = sql)
            status = NativeParser.Call(_handle, operation, text, (uint)sql.Length, (nuint)stackBytes, &native);
        _dead |= status < 0;
        _holdsResult = status is NativeStatus.Ok or NativeStatus.SqlError;
        result = native;
        return status;
    }

    public void Release()
    {
        _dead |= NativeParser.Release(_handle) < 0;
        _holdsResult = false;
    }

    /// <summary>True while a call is under way.</summary>
    public bool InterruptIfLate(long now)
    {
        lock (_gate)
        {
            if (_lateAt is not { } lateAt)
                return false;
            if (!_interrupted && (now >= lateAt || HasUsedAllowance()))
            {
                _interrupted = true;
                NativeParser.Interrupt(_handle);
            }

            return true;
        }
    }

    private void UseThread()
    {
        _clock = ThreadClock.Current;
        _clockAtFirst = null;
    }

    private bool HasUsedAllowance()
    {
        if (ThreadClock.Read(_clock) is not { } used)
            return false;
        _clockAtFirst ??= used;
        return used - _clockAtFirst >= _allowance;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            Debug.Assert(_lateAt is null, "Freed while in use.");
            _disposed = true;
            NativeParser.Free(_handle);
        }
    }
}
