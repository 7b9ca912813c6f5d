namespace Weir.Agent.Recording;

internal enum ChainChangeKind
{
    /// <summary>Takes room only.</summary>
    Plain,

    /// <summary>Starts a session and keeps room for its end.</summary>
    StartSession,

    /// <summary>Opens a statement and keeps room for its finish.</summary>
    OpenStatement,

    /// <summary>Uses the room that is kept for a statement, which stays open.</summary>
    UseStatement,

    /// <summary>Finishes a statement, in the room kept for it, and gives the rest back.</summary>
    CloseStatement,

    /// <summary>Ends the session, in the room kept for it.</summary>
    EndSession,
}
