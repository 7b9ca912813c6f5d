using System.Collections.Immutable;
using Weir.Sql.Analysis.Naming;

namespace Weir.Sql.Analysis.Predicates;

/// <summary>A column of a relation equals something that is known once certain other relations' rows are.</summary>
/// <param name="Column">The column's relation.</param>
/// <param name="Needs">The relations that the other side takes values from; empty for constants and parameters.</param>
internal sealed record Pin(ScopeRelation Column, ImmutableArray<ScopeRelation> Needs);
