using System.Collections.Immutable;
using Weir.Sql.Analysis.Lineages;

namespace Weir.Sql.Analysis.Naming;

/// <summary>One item of a FROM list: what <c>*</c> expands to, and what names it gives.</summary>
/// <param name="Columns">In the order of <c>*</c>; columns merged by USING stand once.</param>
/// <param name="Relations">What columns can be qualified with.</param>
internal sealed record FromItem(ImmutableArray<OutputColumn> Columns, bool IsComplete, ImmutableArray<ScopeRelation> Relations)
{
    public static FromItem Of(ScopeRelation relation) => new(relation.Columns, relation.IsComplete, [relation]);
}
