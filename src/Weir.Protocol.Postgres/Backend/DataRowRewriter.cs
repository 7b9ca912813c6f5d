using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>
/// Copies a DataRow with some values replaced, in one pass: columns in rising order, runs of untouched columns as one block copy.
/// Validates while it walks, so no <see cref="DataRow.Read"/> is needed before. If it throws, undo by
/// <see cref="MessageWriter.Truncate"/> to the length before <see cref="Begin"/>: nothing half-masked may be sent.
/// <code>
/// var rewriter = DataRowRewriter.Begin(writer, frame.Body);
/// foreach (var column in maskedColumns)
/// {
///     if (!rewriter.MoveTo(column)) break;             // the row has fewer columns
///     if (rewriter.Current.IsNull) continue;           // stays as it is
///     var start = rewriter.BeginReplace();
///     mask.Write(rewriter.Current.Value, writer);
///     rewriter.EndReplace(start);
/// }
/// rewriter.End();
/// </code>
/// </summary>
public ref struct DataRowRewriter
{
    private readonly MessageWriter _writer;
    private readonly ReadOnlySpan<byte> _body;
    private readonly int _start;
    private BodyReader _reader;
    private int _copied;
    private int _fieldStart;
    private int _next;

    private DataRowRewriter(MessageWriter writer, ReadOnlySpan<byte> body)
    {
        _writer = writer;
        _body = body;
        _reader = new BodyReader(body);
        FieldCount = _reader.ReadUInt16();
        _start = writer.BeginMessage(BackendMessageType.DataRow);
        _copied = 0;
        _fieldStart = 0;
        _next = 0;
        Current = default;
    }

    public int FieldCount { get; }

    /// <summary>The value moved to.</summary>
    public DataRowField Current { get; private set; }

    /// <param name="writer">Must not be the owner of <paramref name="body"/>: it may grow and move.</param>
    /// <param name="body">The body of the DataRow.</param>
    public static DataRowRewriter Begin(MessageWriter writer, ReadOnlySpan<byte> body) => new(writer, body);

    /// <summary>Moves to a column (from 0) behind the current one. False: there are not that many.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is not behind the current one.</exception>
    public bool MoveTo(int column)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(column, _next);
        if (column >= FieldCount)
            return false;
        while (_next <= column)
        {
            _fieldStart = _reader.Position;
            var hasValue = _reader.TryReadValue(out var value);
            if (_next++ == column)
                Current = new DataRowField(!hasValue, value);
        }

        return true;
    }

    public void Replace(scoped ReadOnlySpan<byte> value)
    {
        CopyUntouched();
        _writer.WriteValue(value);
    }

    public void ReplaceWithNull()
    {
        CopyUntouched();
        _writer.WriteNull();
    }

    /// <summary>For a value that is written piece by piece into the same writer; <see cref="Current"/> stays readable.</summary>
    public int BeginReplace()
    {
        CopyUntouched();
        return _writer.BeginValue();
    }

    public readonly void EndReplace(int start) => _writer.EndValue(start);

    /// <summary>Copies what is left and fills in the length.</summary>
    public void End()
    {
        for (; _next < FieldCount; _next++)
            _reader.TryReadValue(out _);
        _reader.EnsureEnd();
        _writer.WriteBytes(_body[_copied..]);
        _writer.EndMessage(_start);
    }

    private void CopyUntouched()
    {
        if (_next == 0 || _copied > _fieldStart)
            throw new InvalidOperationException("Move to a column before replacing it, once.");
        _writer.WriteBytes(_body[_copied.._fieldStart]);
        _copied = _reader.Position;
    }
}
