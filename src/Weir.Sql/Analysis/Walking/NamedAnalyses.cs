using System.Diagnostics.CodeAnalysis;
using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis.Walking;

/// <summary>
/// A session's prepared statements or cursors after the statements of a text so far. What the text does not name is never asked for: the session
/// may have thousands, each analysed when somebody asks.
/// </summary>
internal sealed class NamedAnalyses(IReadOnlyDictionary<string, StatementAnalysis> before)
{
    private readonly Dictionary<string, StatementAnalysis?> _changed = new(StringComparer.Ordinal);
    private bool _isCleared;

    public StatementAnalysis this[string name]
    {
        set => _changed[name] = value;
    }

    public bool TryGetValue(string name, [NotNullWhen(true)] out StatementAnalysis? analysis)
    {
        if (_changed.TryGetValue(name, out analysis))
            return analysis is not null;
        analysis = null;
        return !_isCleared && before.TryGetValue(name, out analysis);
    }

    public void Remove(string name) => _changed[name] = null;

    public void Clear()
    {
        _changed.Clear();
        _isCleared = true;
    }
}
