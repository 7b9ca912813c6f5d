using Google.Protobuf;

namespace Weir.Agent.Recording;

/// <summary>Consecutive events read from the spool.</summary>
/// <param name="Events">Serialized SessionEvents, in the order of the spool.</param>
/// <param name="LastSequences">For each session among them its last sequence.</param>
/// <param name="EndPosition">Acknowledge the spool up to here when all of them are confirmed.</param>
/// <param name="Bytes">Size of the events together.</param>
internal sealed record SpoolBatch(IReadOnlyList<ByteString> Events, IReadOnlyDictionary<Guid, long> LastSequences, long EndPosition, int Bytes);
