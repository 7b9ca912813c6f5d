namespace Weir.Policy.Documents;

/// <summary>How a value is masked.</summary>
/// <param name="Kind">The kind of mask.</param>
/// <param name="KeepFirst">partial: characters kept at the start.</param>
/// <param name="KeepLast">partial: characters kept at the end.</param>
/// <param name="RoundTo">round: multiple to which numbers are rounded.</param>
/// <param name="TruncateTo">truncate: year, month, day or hour.</param>
public sealed record MaskSpec(MaskKind Kind, int KeepFirst = 0, int KeepLast = 0, decimal RoundTo = 0, string? TruncateTo = null)
{
    /// <summary>
    /// Not even the shape of a value may show: the keys of a JSON document may themselves be masked values. Set for what is computed from masked
    /// columns or unprovable; never in documents.
    /// </summary>
    public bool IsOpaque { get; init; }
}
