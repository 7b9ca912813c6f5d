using System.Diagnostics;

namespace Weir.Testing.Processes;

/// <summary>Runs programs to their end, with a deadline and captured output.</summary>
public static class ProcessRunner
{
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program and waits for it.</summary>
    /// <param name="fileName">A path, or a name that is looked up in PATH.</param>
    /// <param name="environment">Variables to set, or with null to remove, on top of the test's own.</param>
    /// <param name="standardInput">What the program reads; without it, its input is empty.</param>
    /// <param name="deadline">After it the program and its children are killed; <see cref="DefaultDeadline"/> if not given.</param>
    /// <exception cref="TimeoutException">The deadline has passed; the message holds what was printed until then.</exception>
    public static async Task<ProcessResult> RunAsync(
        string fileName,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? standardInput = null,
        string? workingDirectory = null,
        TimeSpan? deadline = null,
        CancellationToken cancellationToken = default)
    {
        using var process = Start(StartInfo(fileName, arguments, environment, workingDirectory));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var expiry = new CancellationTokenSource(deadline ?? DefaultDeadline);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expiry.Token);
        try
        {
            await WriteInputAsync(process, standardInput, either.Token);
            await process.WaitForExitAsync(either.Token);
            return new ProcessResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{fileName} did not end in time.\n{await output}{await error}");
        }
    }

    internal static ProcessStartInfo StartInfo(
        string fileName,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment,
        string? workingDirectory)
    {
        var startInfo = new ProcessStartInfo(fileName, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? RepositoryRoot.Path,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            startInfo.Environment[name] = value;
        }

        return startInfo;
    }

    internal static Process Start(ProcessStartInfo startInfo) =>
        Process.Start(startInfo) ?? throw new InvalidOperationException($"{startInfo.FileName} did not start.");

    private static async Task WriteInputAsync(Process process, string? text, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(text.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading all of its input; its exit status tells the rest.
        }
    }
}
