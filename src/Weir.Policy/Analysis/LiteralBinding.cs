namespace Weir.Policy.Analysis;

/// <summary>A literal or parameter of a statement and the column that it is compared with or written to.</summary>
/// <param name="Start">Byte offset in the whole text; -1 for a parameter.</param>
/// <param name="Length">Length in bytes; 0 for a parameter.</param>
/// <param name="Parameter">1-based number of the parameter; 0 for a literal.</param>
/// <param name="Relation">The column's relation; an empty name when any column may be meant.</param>
/// <param name="Column">The column; <c>*</c> when it can't be known.</param>
public readonly record struct LiteralBinding(int Start, int Length, int Parameter, QualifiedName Relation, string Column);
