namespace Weir.Agent.Recording;

/// <summary>The spool can't be opened: no room on the disk, no right, or damaged files. The message is for an administrator.</summary>
internal sealed class SpoolUnavailableException : Exception
{
    public SpoolUnavailableException(string message)
        : base(message)
    {
    }

    public SpoolUnavailableException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
