namespace Weir.Agent.Recording;

/// <summary>How a statement ended; the names on the wire are the lower-case forms.</summary>
internal enum StatementStatus
{
    Ok,

    /// <summary>The server answered with an error.</summary>
    Failed,
    Denied,

    /// <summary>A reviewer rejected it.</summary>
    Rejected,

    /// <summary>Its review expired.</summary>
    Expired,
    Cancelled,

    /// <summary>The session ended before the answer was complete.</summary>
    Lost,
}
