namespace Weir.Agent.Sessions;

/// <summary>A message that was sent upstream and whose answer has not come yet.</summary>
internal enum InFlightKind : byte
{
    Query,
    Parse,
    Bind,
    Describe,
    Execute,
    Close,
    Sync,

    /// <summary>CopyDone or CopyFail sent before the COPY was seen to begin: ends the next COPY FROM STDIN of the entry in front. No answer.</summary>
    CopyEnd,
}
