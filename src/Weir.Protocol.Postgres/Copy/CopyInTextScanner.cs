using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>Text and CSV.</summary>
internal sealed class CopyInTextScanner(CopyFormatOptions options, ReadOnlySpan<bool> wanted, int limit) : CopyInScanner(wanted, limit)
{
    private readonly MessageWriter _decoded = new(256);
    private bool _isHeader = options.HasHeader;
    private bool _isFieldOver;
    private bool _isRowOver;
    private bool _hasEscapes;
    private bool _isQuoted;
    private bool _isEscape;
    private bool _isBehindReturn;
    private bool _hasRow;

    public override bool MoveNext(ref ReadOnlySpan<byte> data)
    {
        while (true)
        {
            if (_isFieldOver)
                NextField();
            if (data.IsEmpty)
                return false;
            if (_isBehindReturn)
            {
                _isBehindReturn = false;
                if (data[0] == (byte)'\n')
                {
                    data = data[1..];
                    continue;
                }
            }

            _hasRow = true;
            if (options.Format == CopyFormat.Text ? ReadText(ref data) : ReadCsv(ref data))
            {
                _isFieldOver = true;
                if (Settle())
                    return true;
            }
        }
    }

    public override bool MoveToEnd()
    {
        if (_isFieldOver)
            NextField();
        if (!_hasRow)
            return false;
        _isFieldOver = _isRowOver = true;
        return Settle();
    }

    private protected override ReadOnlySpan<byte> Decoded()
    {
        if (!_hasEscapes)
            return Raw;
        _decoded.Clear();
        if (options.Format == CopyFormat.Text)
            CopyTextEscaping.Decode(Raw, _decoded);
        else
            CopyCsvEscaping.Decode(Raw, options, _decoded);
        return _decoded.Written;
    }

    private bool Settle()
    {
        IsNull = Raw.SequenceEqual(options.NullText.Span);
        return IsWanted && !_isHeader;
    }

    private void NextField()
    {
        Forget();
        _isFieldOver = _hasEscapes = _isQuoted = _isEscape = false;
        Column++;
        if (!_isRowOver)
            return;
        _isRowOver = _hasRow = _isHeader = false;
        Column = 0;
        Line++;
    }

    /// <returns>The field is over.</returns>
    private bool ReadText(ref ReadOnlySpan<byte> data)
    {
        if (_isEscape)
        {
            _isEscape = false;
            Keep(data[..1]);
            data = data[1..];
            return false;
        }

        var length = data.IndexOfAny([options.Delimiter, (byte)'\n', (byte)'\r', (byte)'\\']);
        if (length < 0)
        {
            Keep(data);
            data = [];
            return false;
        }

        if (data[length] == (byte)'\\')
        {
            _hasEscapes = _isEscape = true;
            Keep(data[..(length + 1)]);
            data = data[(length + 1)..];
            return false;
        }

        return End(ref data, length);
    }

    /// <inheritdoc cref="ReadText"/>
    private bool ReadCsv(ref ReadOnlySpan<byte> data)
    {
        if (_isQuoted)
        {
            ReadQuoted(ref data);
            return false;
        }

        var length = data.IndexOfAny([options.Delimiter, (byte)'\n', (byte)'\r', options.Quote]);
        if (length < 0)
        {
            Keep(data);
            data = [];
            return false;
        }

        if (data[length] != options.Quote)
            return End(ref data, length);
        _hasEscapes = _isQuoted = true;
        Keep(data[..(length + 1)]);
        data = data[(length + 1)..];
        return false;
    }

    private void ReadQuoted(ref ReadOnlySpan<byte> data)
    {
        if (_isEscape)
        {
            _isEscape = false;
            if (data[0] == options.Quote || data[0] == options.Escape)
            {
                Keep(data[..1]);
                data = data[1..];
            }
            else if (options.Quote == options.Escape)
            {
                // It was the end of the quotes.
                _isQuoted = false;
            }

            return;
        }

        var length = data.IndexOfAny(options.Quote, options.Escape);
        var piece = length < 0 ? data : data[..(length + 1)];
        Line += piece.Count((byte)'\n');
        Keep(piece);
        data = data[piece.Length..];
        if (length < 0)
            return;
        if (piece[^1] == options.Escape)
            _isEscape = true;
        else
            _isQuoted = false;
    }

    private bool End(ref ReadOnlySpan<byte> data, int length)
    {
        Keep(data[..length]);
        var end = data[length];
        data = data[(length + 1)..];
        _isRowOver = end != options.Delimiter;
        _isBehindReturn = end == (byte)'\r';
        return true;
    }
}
