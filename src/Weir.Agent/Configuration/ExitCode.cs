namespace Weir.Agent.Configuration;

/// <summary>Exit status of the agent, for whoever supervises it.</summary>
internal static class ExitCode
{
    /// <summary>Stopped by a signal, sessions drained.</summary>
    public const int Done = 0;

    /// <summary>Failed while running or starting; starting again may help.</summary>
    public const int Failed = 1;

    /// <summary>The configuration is wrong; starting again without a change does not help.</summary>
    public const int WrongConfiguration = 2;

    /// <summary>Not enrolled, and there is no token or it was not taken; starting again without a new token does not help.</summary>
    public const int NotEnrolled = 3;
}
