namespace Weir.Policy.Analysis;

/// <summary>One base column that a result column derives from.</summary>
/// <param name="Relation">Base relation.</param>
/// <param name="RelationOid">Its oid, 0 when unknown.</param>
/// <param name="Column">Column name, or <c>*</c> for the whole row.</param>
public readonly record struct ColumnSource(QualifiedName Relation, uint RelationOid, string Column);
