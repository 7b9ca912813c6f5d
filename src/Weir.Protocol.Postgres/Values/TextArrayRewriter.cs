using System.Buffers;
using System.Text;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>
/// Copies an array in text format (<c>{a,"b c",NULL}</c>, also nested and with <c>[1:2]=</c> in front; PostgreSQL manual, "Array Input
/// and Output Syntax") with elements replaced, keeping its shape. The delimiter is the comma, as for every built-in type but box.
/// <code>
/// var array = TextArrayRewriter.Begin(writer, text, scratch);
/// while (array.MoveNext()) { if (!array.IsNull) array.Replace(mask(array.Value)); }
/// array.End();
/// </code>
/// </summary>
public ref struct TextArrayRewriter
{
    private static readonly SearchValues<byte> NeedQuotes = SearchValues.Create("\"\\{}, \t\n\r\v\f"u8);

    // The bounds of the dimensions: [1:2][0:3]=
    private static readonly SearchValues<byte> PrefixBytes = SearchValues.Create("0123456789[]:+-= "u8);

    private readonly MessageWriter _writer;
    private readonly MessageWriter _scratch;
    private readonly ReadOnlySpan<byte> _text;
    private int _position;
    private int _copied;
    private int _start;
    private int _end;
    private int _depth;
    private bool _isQuoted;
    private bool _isElementExpected;

    private TextArrayRewriter(MessageWriter writer, ReadOnlySpan<byte> text, MessageWriter scratch)
    {
        _writer = writer;
        _scratch = scratch;
        _text = text;
        _copied = 0;
        var brace = text.IndexOf((byte)'{');
        var prefix = brace < 0 ? text : text[..brace];
        if (brace < 0 || (!prefix.IsEmpty && (prefix[^1] != (byte)'=' || prefix.ContainsAnyExcept(PrefixBytes))))
            Malformed();
        _position = brace;
    }

    public readonly bool IsNull => !_isQuoted && Ascii.EqualsIgnoreCase(_text[_start.._end], "NULL"u8);

    /// <summary>The element without quotes and escapes; valid until the next call on the scratch writer.</summary>
    public readonly ReadOnlySpan<byte> Value => Decode();

    /// <param name="writer">Gets the array; must not own <paramref name="text"/>.</param>
    /// <param name="text">The whole value.</param>
    /// <param name="scratch">For elements with escapes.</param>
    public static TextArrayRewriter Begin(MessageWriter writer, ReadOnlySpan<byte> text, MessageWriter scratch) => new(writer, text, scratch);

    /// <exception cref="ProtocolViolationException">This is no array. Undo what was written.</exception>
    public bool MoveNext()
    {
        while (_position < _text.Length)
        {
            var current = _text[_position];
            switch (current)
            {
                case (byte)'{':
                    if (_depth > 0 && !_isElementExpected)
                        Malformed();
                    _depth++;
                    _isElementExpected = true;
                    _position++;
                    break;
                case (byte)'}':
                    _isElementExpected = false;
                    _position++;
                    if (--_depth == 0)
                        return AtEnd();
                    break;
                case (byte)',':
                    if (_isElementExpected)
                        Malformed();
                    _isElementExpected = true;
                    _position++;
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\v' or (byte)'\f':
                    _position++;
                    break;
                default:
                    if (!_isElementExpected)
                        Malformed();
                    _isElementExpected = false;
                    ReadElement(current == (byte)'"');
                    return true;
            }
        }

        Malformed();
        return false;
    }

    public void Replace(scoped ReadOnlySpan<byte> value)
    {
        CopyUntouched();
        if (!value.IsEmpty && !value.ContainsAny(NeedQuotes) && !Ascii.EqualsIgnoreCase(value, "NULL"u8))
        {
            _writer.WriteBytes(value);
            return;
        }

        _writer.WriteByte((byte)'"');
        foreach (var current in value)
        {
            if (current is (byte)'"' or (byte)'\\')
                _writer.WriteByte((byte)'\\');
            _writer.WriteByte(current);
        }

        _writer.WriteByte((byte)'"');
    }

    public void ReplaceWithNull()
    {
        CopyUntouched();
        _writer.WriteBytes("NULL"u8);
    }

    /// <summary>Copies what is left.</summary>
    public void End()
    {
        while (_position < _text.Length && MoveNext())
        {
        }

        _writer.WriteBytes(_text[_copied..]);
    }

    private static void Malformed() => Violation.Throw("malformed array");

    private readonly bool AtEnd()
    {
        if (_position != _text.Length)
            Malformed();
        return false;
    }

    private void ReadElement(bool isQuoted)
    {
        _isQuoted = isQuoted;
        _start = _position;
        if (isQuoted)
            _position++;
        while (true)
        {
            if (_position >= _text.Length)
                Malformed();
            var current = _text[_position];
            if (current == (byte)'\\')
            {
                _position += 2;
            }
            else if (isQuoted ? current == (byte)'"' : current is (byte)',' or (byte)'}')
            {
                break;
            }
            else
            {
                // In the middle of an unquoted element array_in refuses them as well.
                if (!isQuoted && (current is (byte)'"' or (byte)'{'))
                    Malformed();
                _position++;
            }
        }

        if (isQuoted)
            _position++;
        _end = _position;
        while (!isQuoted && (_text[_end - 1] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
            _end--;
    }

    private readonly ReadOnlySpan<byte> Decode()
    {
        var raw = _isQuoted ? _text[(_start + 1)..(_end - 1)] : _text[_start.._end];
        if (!raw.Contains((byte)'\\'))
            return raw;
        _scratch.Clear();
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == (byte)'\\' && i + 1 < raw.Length)
                i++;
            _scratch.WriteByte(raw[i]);
        }

        return _scratch.Written;
    }

    private void CopyUntouched()
    {
        if (_end == 0 || _copied == _end)
            throw new InvalidOperationException("Move to an element before replacing it, once.");
        _writer.WriteBytes(_text[_copied.._start]);
        _copied = _end;
    }
}
