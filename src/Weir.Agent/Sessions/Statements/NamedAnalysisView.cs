using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Weir.Policy.Analysis;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// Prepared statements or cursors of a session as the analysis wants them: found by name, each analysed when it is asked for. There is nothing to
/// enumerate, since that would analyse them all.
/// </summary>
internal sealed class NamedAnalysisView(Func<string, StatementAnalysis?> find) : IReadOnlyDictionary<string, StatementAnalysis>
{
    public IEnumerable<string> Keys => throw new NotSupportedException();

    public IEnumerable<StatementAnalysis> Values => throw new NotSupportedException();

    public int Count => throw new NotSupportedException();

    public StatementAnalysis this[string key] => find(key) ?? throw new KeyNotFoundException();

    public bool ContainsKey(string key) => find(key) is not null;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StatementAnalysis value) => (value = find(key)) is not null;

    public IEnumerator<KeyValuePair<string, StatementAnalysis>> GetEnumerator() => throw new NotSupportedException();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
