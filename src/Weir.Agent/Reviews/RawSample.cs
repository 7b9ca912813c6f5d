namespace Weir.Agent.Reviews;

/// <summary>Some of the rows that a dry run changed, unmasked.</summary>
/// <param name="Before">As they were; of inserted rows none.</param>
/// <param name="After">As they became; of deleted rows none.</param>
internal sealed record RawSample(RawRows Before, RawRows After);
