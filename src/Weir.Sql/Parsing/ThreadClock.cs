using System.Runtime.InteropServices;

namespace Weir.Sql.Parsing;

/// <summary>
/// Processor time of one thread, readable from any other (clock_getres(2), pthread_getcpuclockid(3)). A machine that is busy with other work makes a parse take longer, but not
/// more of this.
/// </summary>
internal static unsafe partial class ThreadClock
{
    // The kernel's CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED, which is what pthread_getcpuclockid composes.
    private const int PerThread = 6;

    [ThreadStatic]
    private static int _current;

    /// <summary>The calling thread's clock; 0 when the system has none that others can read.</summary>
    public static int Current => _current != 0 ? _current : _current = Find();

    /// <summary>Nanoseconds that the clock's thread has used; null when it can't be read.</summary>
    public static long? Read(int clock)
    {
        TimeSpec time;
        return clock != 0 && GetTime(clock, &time) == 0 ? (time.Seconds * 1_000_000_000L) + time.Nanoseconds : null;
    }

    private static int Find()
    {
        int clock = (~GetThreadId() << 3) | PerThread;
        return Read(clock) is null ? 0 : clock;
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, TimeSpec* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
