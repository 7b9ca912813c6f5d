namespace Weir.Policy.Analysis;

/// <summary>The name of a relation or function as the catalog spells it (already folded and unescaped).</summary>
/// <param name="Schema">Schema, or the empty string where it could not be resolved.</param>
/// <param name="Name">Name without quotes.</param>
public readonly record struct QualifiedName(string Schema, string Name)
{
    public override string ToString() => Schema.Length == 0 ? Name : $"{Schema}.{Name}";
}
