namespace Weir.Agent.Recording;

/// <summary>What an event means for the room that is kept in the spool, so that later events of the same statement or session can't fail.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Statement">The statement that it is about; 0 for none.</param>
/// <param name="ReservedBytes">Opening: bytes to keep for what follows.</param>
internal readonly record struct ChainChange(ChainChangeKind Kind, long Statement = 0, int ReservedBytes = 0);
