using Weir.ControlPlane.Application.Features.Sessions;

namespace Weir.WebConsole.Areas.Sessions;

/// <summary>An answer: its columns, and those of its rows that are recorded.</summary>
/// <param name="Columns">Empty when the recording does not describe them.</param>
public sealed record ReplayTable(IReadOnlyList<ReplaySession.Column> Columns)
{
    public List<IReadOnlyList<string?>> Rows { get; } = [];

    public bool IsMasked(int column) => column < Columns.Count && Columns[column].MaskedBy is not null;
}
