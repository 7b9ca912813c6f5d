using Weir.ControlPlane.Application.Features.Sessions;

namespace Weir.WebConsole.Areas.Sessions;

/// <summary>Puts the events of a recording together for reading: the rows of one answer, which come in several events, become one table.</summary>
internal sealed class ReplaySteps
{
    private readonly List<ReplayStep> _items = [];
    private readonly Dictionary<long, ReplayTable> _open = [];

    public IReadOnlyList<ReplayStep> Items => _items;

    public void Clear()
    {
        _items.Clear();
        _open.Clear();
    }

    public void Add(IEnumerable<ReplaySession.Event> events)
    {
        foreach (var e in events)
        {
            Add(e);
        }
    }

    private void Add(ReplaySession.Event e)
    {
        var statement = e.Statement ?? 0;
        if (e.Rows is { } rows)
        {
            if (!_open.TryGetValue(statement, out var table))
            {
                table = Begin(e, []);
            }

            table.Rows.AddRange(rows);
        }
        else if (e.Columns is { } columns)
        {
            Begin(e, columns);
        }
        else
        {
            _open.Remove(statement);
            _items.Add(new ReplayStep(e, null));
        }
    }

    private ReplayTable Begin(ReplaySession.Event e, IReadOnlyList<ReplaySession.Column> columns)
    {
        var table = new ReplayTable(columns);
        _open[e.Statement ?? 0] = table;
        _items.Add(new ReplayStep(e, table));
        return table;
    }
}
