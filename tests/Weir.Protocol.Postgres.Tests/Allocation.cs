namespace Weir.Protocol.Postgres.Tests;

/// <summary>Counts what an action allocates on this thread once it has been run before (JIT, growth of buffers).</summary>
internal static class Allocation
{
    internal static long Of(Action action)
    {
        for (var i = 0; i < 50; i++)
            action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
