namespace Weir.Agent.Recording;

/// <summary>Why a session ended; the names on the wire are the snake_case forms.</summary>
internal enum SessionEndReason
{
    /// <summary>The client sent Terminate.</summary>
    ClientClosed,
    ClientLost,
    UpstreamLost,
    Terminated,
    Expired,
    ProtocolViolation,
    Drained,
    Failed,
}
