using Weir.Agent.Recording;

namespace Weir.Agent.Masking;

/// <summary>What happens to the rows of one answer. Immutable; valid for the description it was made from.</summary>
/// <param name="Actions">In rising order of columns; empty when rows pass as they are.</param>
/// <param name="FieldCount">Columns of every row.</param>
/// <param name="Columns">For the recording.</param>
internal sealed record AnswerPlan(ColumnAction[] Actions, int FieldCount, ColumnsTemplate Columns)
{
    public bool PassesThrough => Actions.Length == 0;
}
