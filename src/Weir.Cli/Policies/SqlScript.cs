namespace Weir.Cli.Policies;

/// <summary>
/// Cuts a script at its semicolons, as psql does: not inside of quotes, comments, parentheses, or the body of a function in SQL's own form (BEGIN ATOMIC … END).
/// A statement that is no SQL does not keep the others from being read.
/// </summary>
internal sealed class SqlScript
{
    private readonly string _script;
    private readonly List<SqlText> _texts = [];
    private readonly List<string> _words = [];
    private int _at;
    private int _line = 1;
    private int _start;
    private int _firstLine;
    private int _parentheses;
    private int _blocks;

    private SqlScript(string script) => _script = script;

    public static IReadOnlyList<SqlText> Split(string script)
    {
        var reader = new SqlScript(script);
        reader.Read();
        return reader._texts;
    }

    private void Read()
    {
        while (_at < _script.Length)
        {
            var c = _script[_at];
            if (c == ';' && _parentheses <= 0 && _blocks == 0)
            {
                Finish();
                Skip(1);
                _start = _at;
            }
            else if (char.IsWhiteSpace(c))
            {
                Skip(1);
            }
            else if (Is("--"))
            {
                SkipTo("\n");
            }
            else if (Is("/*"))
            {
                SkipComment();
            }
            else
            {
                if (_firstLine == 0)
                {
                    _firstLine = _line;
                }

                ReadToken(c);
            }
        }

        Finish();
    }

    private void ReadToken(char c)
    {
        if (c is '\'' or '"')
        {
            SkipQuoted(c, hasEscapes: false);
        }
        else if (c is 'e' or 'E' && _at + 1 < _script.Length && _script[_at + 1] == '\'')
        {
            Skip(1);
            SkipQuoted('\'', hasEscapes: true);
        }
        else if (c == '$' && DollarTag() is { } tag)
        {
            Skip(tag.Length);
            SkipTo(tag);
        }
        else if (IsWordStart(c))
        {
            ReadWord();
        }
        else
        {
            _parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
            Skip(1);
        }
    }

    // psql's own rule (psqlscan.l): after CREATE [OR REPLACE] FUNCTION or PROCEDURE, BEGIN and CASE open a block and END closes one.
    private void ReadWord()
    {
        var start = _at;
        while (_at < _script.Length && (IsWordStart(_script[_at]) || char.IsAsciiDigit(_script[_at]) || _script[_at] == '$'))
        {
            _at++;
        }

        var word = _script[start.._at].ToUpperInvariant();
        if (_words.Count < 4)
        {
            _words.Add(word);
        }

        var makesFunction = _words is ["CREATE", "FUNCTION" or "PROCEDURE", ..] or ["CREATE", "OR", "REPLACE", "FUNCTION" or "PROCEDURE", ..];
        if (!makesFunction || _parentheses > 0)
        {
            return;
        }

        if (word == "BEGIN" || (word == "CASE" && _blocks > 0))
        {
            _blocks++;
        }
        else if (word == "END" && _blocks > 0)
        {
            _blocks--;
        }
    }

    private void Finish()
    {
        if (_firstLine > 0)
        {
            _texts.Add(new SqlText(_firstLine, _script[_start..Math.Min(_at, _script.Length)].Trim()));
        }

        _words.Clear();
        (_firstLine, _parentheses, _blocks) = (0, 0, 0);
    }

    private void SkipQuoted(char quote, bool hasEscapes)
    {
        Skip(1);
        while (_at < _script.Length && _script[_at] != quote)
        {
            Skip(hasEscapes && _script[_at] == '\\' ? 2 : 1);
        }

        // A doubled quote opens the next piece at once, which comes to the same.
        Skip(1);
        if (hasEscapes && _at < _script.Length && _script[_at] == quote)
        {
            SkipQuoted(quote, hasEscapes);
        }
    }

    private void SkipComment()
    {
        var depth = 0;
        do
        {
            var step = Is("/*") ? 1 : Is("*/") ? -1 : 0;
            depth += step;
            Skip(step == 0 ? 1 : 2);
        }
        while (depth > 0 && _at < _script.Length);
    }

    private void SkipTo(string end)
    {
        var found = _script.IndexOf(end, _at, StringComparison.Ordinal);
        Skip((found < 0 ? _script.Length : found + end.Length) - _at);
    }

    private void Skip(int count)
    {
        for (var end = Math.Min(_at + count, _script.Length); _at < end; _at++)
        {
            _line += _script[_at] == '\n' ? 1 : 0;
        }
    }

    /// <summary>The opening of a dollar-quoted text, dollars included; null when it is none.</summary>
    private string? DollarTag()
    {
        var end = _at + 1;
        while (end < _script.Length && (IsWordStart(_script[end]) || (end > _at + 1 && char.IsAsciiDigit(_script[end]))))
        {
            end++;
        }

        return end < _script.Length && _script[end] == '$' ? _script[_at..(end + 1)] : null;
    }

    private bool Is(string text) => string.CompareOrdinal(_script, _at, text, 0, text.Length) == 0;

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c == '_' || c > 127;
}
