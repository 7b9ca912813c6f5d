namespace Weir.Policy.Analysis;

/// <summary>Options of a COPY to STDOUT or from STDIN that say how its data is laid out (manual, COPY).</summary>
/// <param name="Encoding">Lower-case ENCODING option; null when not given.</param>
/// <param name="ForceQuote">Columns of FORCE_QUOTE; <c>*</c> for all.</param>
public sealed record CopyFormat(
    CopyFormatKind Kind,
    string Delimiter,
    string NullText,
    char Quote,
    char Escape,
    bool Header,
    string? Encoding,
    IReadOnlyList<string> ForceQuote);
