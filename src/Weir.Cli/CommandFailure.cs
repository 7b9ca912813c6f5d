namespace Weir.Cli;

/// <summary>Ends a command with a message on standard error and an exit status.</summary>
internal sealed class CommandFailure(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
