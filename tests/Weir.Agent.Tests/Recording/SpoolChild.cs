using System.Runtime.CompilerServices;
using Weir.Agent.Configuration;
using Weir.Agent.Policies;
using Weir.Agent.Recording;

namespace Weir.Agent.Tests.Recording;

/// <summary>
/// The same executable, started as a child that records as fast as it can until it is killed. It prints the number of a statement only when
/// that statement was taken by the spool.
/// </summary>
internal static class SpoolChild
{
    public const string DirectoryVariable = "TEST_SPOOL_CHILD_DIRECTORY";
    public const string FlushVariable = "TEST_SPOOL_CHILD_FLUSHES";

    // Before the test runner's own Main, so that the child needs no executable of its own.
    [ModuleInitializer]
    internal static void RunIfChild()
    {
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is not { } directory)
            return;
        using var spool = Spool.Open(directory, 64L * 1024 * 1024);
        using var flusher = Environment.GetEnvironmentVariable(FlushVariable) is null ? null : new SpoolFlusher(spool, SpoolDurability.Group);
        var recorder = new Recorder(spool, SpoolDurability.Group, new PolicyHolder(TimeProvider.System), Guid.NewGuid(), Guid.NewGuid(), TimeProvider.System);
        var recording = recorder.TryOpen(SpoolFixture.Start())!;
        using var output = Console.OpenStandardOutput();
        for (long statement = 1; ; statement++)
        {
            if (!recording.TryStatement(statement, SpoolFixture.SelectOne, ParameterList.None))
                break;
            output.Write(System.Text.Encoding.ASCII.GetBytes(statement + "\n"));
            recording.Finished(statement, new StatementOutcome { Status = StatementStatus.Ok });
        }

        Environment.Exit(1);
    }
}
