namespace Weir.Agent.Recording;

/// <summary>Opens recordings. Thread-safe.</summary>
internal interface IRecorder
{
    /// <summary>Records the start of a session.</summary>
    /// <returns>Null when the spool can't take it: refuse the session with FATAL 58030.</returns>
    ISessionRecording? TryOpen(SessionStart start);
}
