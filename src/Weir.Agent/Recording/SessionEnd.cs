namespace Weir.Agent.Recording;

/// <summary>The end of a session; statements are counted by the recording itself.</summary>
/// <param name="Detail">For an administrator; no values. Cut at 512 bytes.</param>
/// <param name="BytesIn">Received from the client.</param>
/// <param name="BytesOut">Sent to the client.</param>
internal readonly record struct SessionEnd(SessionEndReason Reason, string Detail, long BytesIn, long BytesOut);
