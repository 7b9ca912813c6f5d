namespace Weir.Policy.Analysis;

public enum CopyFormatKind
{
    Text,
    Csv,
    Binary,
}
