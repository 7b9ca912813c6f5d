namespace Weir.Cli;

/// <summary>Exit status of every command.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The server refused, or the work failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage: unknown option, missing argument, unreadable file.</summary>
    public const int Usage = 2;
}
