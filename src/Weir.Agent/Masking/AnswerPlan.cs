using Weir.Agent.Recording;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Masking;

/// <summary>What happens to the rows of one answer. Immutable; valid for the description it was made from.</summary>
/// <param name="Actions">In rising order of columns; empty when rows pass as they are.</param>
/// <param name="FieldCount">Columns of every row.</param>
/// <param name="Columns">For the recording.</param>
internal sealed record AnswerPlan(ColumnAction[] Actions, int FieldCount, ColumnsTemplate Columns)
{
    public bool PassesThrough => Actions.Length == 0;

    /// <summary>All that there is to do, when every action puts the same value in the place of any other; otherwise null.</summary>
    public FixedRowRewriter? Fixed { get; } = RowMasker.TryFix(Actions, FieldCount);
}
