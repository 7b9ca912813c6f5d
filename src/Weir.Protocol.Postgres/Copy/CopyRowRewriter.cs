using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>
/// Copies one row of COPY TO STDOUT in text or CSV format with some fields replaced, in one pass; untouched fields keep their bytes.
/// Use it between <see cref="CopyData.Begin"/> and <see cref="MessageWriter.EndMessage"/>; if it throws, undo by
/// <see cref="MessageWriter.Truncate"/>.
/// <code>
/// var message = CopyData.Begin(writer);
/// for (var rest = frame.Body; !rest.IsEmpty;)
/// {
///     var row = CopyRowRewriter.Begin(writer, rest, options, scratch);
///     foreach (var column in maskedColumns) { if (row.MoveTo(column) &amp;&amp; !row.IsNull) row.Replace(mask(row.Value)); }
///     rest = row.End();          // row.FieldCount is known now: compare it with the columns expected
/// }
/// writer.EndMessage(message);
/// </code>
/// </summary>
public ref struct CopyRowRewriter
{
    private readonly MessageWriter _writer;
    private readonly MessageWriter _scratch;
    private readonly CopyFormatOptions _options;
    private readonly ReadOnlySpan<byte> _data;
    private CopyFieldReader _reader;
    private int _copied;
    private int _replaced;

    private CopyRowRewriter(MessageWriter writer, ReadOnlySpan<byte> data, CopyFormatOptions options, MessageWriter scratch)
    {
        _writer = writer;
        _scratch = scratch;
        _options = options;
        _data = data;
        _reader = new CopyFieldReader(data, options);
        _copied = 0;
        _replaced = -1;
        FieldCount = 0;
    }

    /// <summary>Known after <see cref="End"/>.</summary>
    public int FieldCount { get; private set; }

    public readonly bool IsNull => _reader.IsNull;

    /// <summary>The value of the field moved to, without quotes and escapes; valid until the next call on the scratch writer.</summary>
    public readonly ReadOnlySpan<byte> Value => _reader.Decode(_scratch);

    /// <param name="writer">Must own neither <paramref name="data"/> nor be <paramref name="scratch"/>.</param>
    /// <param name="data">Starts with the row.</param>
    /// <param name="options">Text or CSV.</param>
    /// <param name="scratch">For values that have escapes; reused from row to row.</param>
    public static CopyRowRewriter Begin(MessageWriter writer, ReadOnlySpan<byte> data, CopyFormatOptions options, MessageWriter scratch) =>
        new(writer, data, options, scratch);

    /// <summary>Moves to a column (from 0) behind the current one. False: there are not that many.</summary>
    public bool MoveTo(int column)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(column, _reader.Index);
        while (_reader.Index < column)
        {
            if (!_reader.MoveNext())
                return false;
        }

        return true;
    }

    /// <param name="value">Without quotes and escapes; they are added as the format needs.</param>
    public void Replace(scoped ReadOnlySpan<byte> value)
    {
        CopyUntouched();
        if (_options.Format == CopyFormat.Text)
            CopyTextEscaping.Encode(value, _options, _writer);
        else
            CopyCsvEscaping.Encode(value, _reader.Index, _options, _writer);
    }

    public void ReplaceWithNull()
    {
        CopyUntouched();
        _writer.WriteBytes(_options.NullText.Span);
    }

    /// <summary>Copies what is left of the row with its line feed. Gives what follows in the data.</summary>
    public ReadOnlySpan<byte> End()
    {
        while (_reader.MoveNext())
        {
        }

        FieldCount = _reader.Index + 1;
        _writer.WriteBytes(_data[_copied.._reader.Next]);
        return _reader.Rest;
    }

    private void CopyUntouched()
    {
        if (_reader.Index == _replaced)
            throw new InvalidOperationException("Move to a column before replacing it, once.");
        _writer.WriteBytes(_data[_copied.._reader.Start]);
        _copied = _reader.End;
        _replaced = _reader.Index;
    }
}
