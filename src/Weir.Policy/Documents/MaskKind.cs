namespace Weir.Policy.Documents;

public enum MaskKind
{
    Redact,
    Partial,
    Hash,
    Nullify,
    Format,
    Round,
    Truncate,
}
