using System.Text;
using Weir.Policy.Analysis;
using Weir.Policy.Patterns;

namespace Weir.Policy.Compilation;

/// <summary>A statement, and what several rules want to know about it, worked out once.</summary>
internal sealed class StatementFacts
{
    private readonly string _text;
    private string? _own;

    public StatementFacts(StatementAnalysis statement, string text)
    {
        Statement = statement;
        _text = text;
        var all = Effects.None;
        var lasting = Effects.None;
        foreach (var relation in statement.Relations)
        {
            all |= relation.Effects;
            if (!relation.IsTemporary())
                lasting |= relation.Effects;
        }

        // A MERGE may be told by what it does to its target.
        OnRelations = (all & (Effects.Insert | Effects.Update | Effects.Delete)) != 0 ? all | Effects.Merge : all;
        TemporaryOnly = all & ~lasting;
    }

    public StatementAnalysis Statement { get; }

    /// <summary>Effects that fall on some relation that the analysis names.</summary>
    public Effects OnRelations { get; }

    /// <summary>Effects that fall on temporary relations and on nothing else.</summary>
    public Effects TemporaryOnly { get; }

    /// <summary>The statement's own part of the text.</summary>
    public string Text => _own ??= Slice();

    private string Slice()
    {
        var (start, length) = (Statement.Start, Statement.Length);
        if (length <= 0)
            return _text;
        if (Ascii.IsValid(_text))
            return start >= 0 && start + length <= _text.Length ? _text.Substring(start, length) : _text;
        byte[] utf8 = Encoding.UTF8.GetBytes(_text);
        return start >= 0 && start + length <= utf8.Length ? Encoding.UTF8.GetString(utf8, start, length) : _text;
    }
}
