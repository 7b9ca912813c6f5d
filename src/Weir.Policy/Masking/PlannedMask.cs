namespace Weir.Policy.Masking;

/// <summary>How one column of an answer is masked, and why.</summary>
/// <param name="Mask">The mask to run, already adapted: what is not a column's unchanged value is redacted.</param>
/// <param name="Layer">The line of defence that found it.</param>
public sealed record PlannedMask(ColumnMask Mask, MaskLayer Layer);
