namespace Weir.Testing.Processes;

/// <summary>How a process ended and what it printed.</summary>
public sealed record ProcessResult(int ExitCode, string StandardOutput, string StandardError)
{
    /// <summary>Both streams, for the message of a failed assertion.</summary>
    public string Output => StandardOutput + StandardError;

    /// <summary>This result if the process ended with 0.</summary>
    /// <exception cref="InvalidOperationException">It did not; the message holds what it printed.</exception>
    public ProcessResult EnsureSuccess() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"The process ended with {ExitCode}.\n{Output}");
}
