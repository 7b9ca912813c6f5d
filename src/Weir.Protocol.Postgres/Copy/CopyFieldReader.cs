using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>
/// Walks the fields of one row of COPY TO STDOUT in text or CSV format, in place. The row must be whole: PostgreSQL sends each row as one
/// CopyData that ends with a line feed. A message with several rows is read row by row: what is left when a row ends is
/// <see cref="Rest"/>. A row that does not end within the data is a violation, since its mask could not be applied.
/// </summary>
public ref struct CopyFieldReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly CopyFormatOptions _options;
    private int _start;
    private int _end;
    private int _next;
    private bool _hasEscapes;
    private bool _isRowEnd;

    public CopyFieldReader(ReadOnlySpan<byte> data, CopyFormatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Format == CopyFormat.Binary)
            throw new ArgumentException("Binary rows have no fields of text.", nameof(options));
        _data = data;
        _options = options;
        Index = -1;
    }

    /// <summary>Column of the current field, from 0.</summary>
    public int Index { get; private set; }

    /// <summary>The field as it stands in the row, with its quotes and escapes.</summary>
    public readonly ReadOnlySpan<byte> Raw => _data[_start.._end];

    public readonly bool IsNull => Raw.SequenceEqual(_options.NullText.Span);

    /// <summary>Once <see cref="MoveNext"/> gave false: what follows the row's line feed.</summary>
    public readonly ReadOnlySpan<byte> Rest => _data[_next..];

    internal readonly int Start => _start;

    internal readonly int End => _end;

    internal readonly int Next => _next;

    public bool MoveNext()
    {
        if (_isRowEnd)
            return false;
        Index++;
        _start = _next;
        _hasEscapes = false;
        _end = _options.Format == CopyFormat.Text ? FindTextEnd() : FindCsvEnd();
        _isRowEnd = _data[_end] == (byte)'\n';
        _next = _end + 1;
        return true;
    }

    /// <summary>The field's value without quotes and escapes; <paramref name="scratch"/> is cleared and used where it differs from <see cref="Raw"/>.</summary>
    public readonly ReadOnlySpan<byte> Decode(MessageWriter scratch)
    {
        if (!_hasEscapes)
            return Raw;
        scratch.Clear();
        if (_options.Format == CopyFormat.Text)
            CopyTextEscaping.Decode(Raw, scratch);
        else
            CopyCsvEscaping.Decode(Raw, _options, scratch);
        return scratch.Written;
    }

    private int FindTextEnd()
    {
        var position = _next;
        while (true)
        {
            var offset = _data[position..].IndexOfAny(_options.Delimiter, (byte)'\n', (byte)'\\');
            if (offset < 0)
                Violation.Throw("a row of COPY data does not end within its message");
            position += offset;
            if (_data[position] != (byte)'\\')
                return position;
            _hasEscapes = true;
            position += 2;
            if (position > _data.Length)
                Violation.Throw("a row of COPY data does not end within its message");
        }
    }

    private int FindCsvEnd()
    {
        var position = _next;
        while (true)
        {
            var offset = _data[position..].IndexOfAny(_options.Delimiter, (byte)'\n', _options.Quote);
            if (offset < 0)
                Violation.Throw("a row of COPY data does not end within its message");
            position += offset;
            if (_data[position] != _options.Quote)
                return position;
            _hasEscapes = true;
            position = SkipQuoted(position + 1);
        }
    }

    /// <summary>Gives the position behind the closing quote.</summary>
    private readonly int SkipQuoted(int position)
    {
        while (true)
        {
            var offset = _data[position..].IndexOfAny(_options.Quote, _options.Escape);
            if (offset < 0)
                Violation.Throw("a row of COPY data does not end within its message");
            position += offset;
            // The escape is looked at first: by default it is the quote itself, doubled.
            if (_data[position] == _options.Escape
                && position + 1 < _data.Length
                && (_data[position + 1] == _options.Quote || _data[position + 1] == _options.Escape))
            {
                position += 2;
            }
            else if (_data[position] == _options.Quote)
            {
                return position + 1;
            }
            else
            {
                position++;
            }
        }
    }
}
