using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres;

/// <summary>
/// Copies one tuple (a two-byte count, then values with four-byte lengths: the form that DataRow and binary COPY share) with some
/// values replaced, in one pass: columns in rising order, runs of untouched columns as one block copy. Validates while it walks.
/// If it throws, undo by <see cref="MessageWriter.Truncate"/>: nothing half-masked may be sent.
/// </summary>
public ref struct TupleRewriter
{
    private readonly MessageWriter _writer;
    private readonly ReadOnlySpan<byte> _data;
    private BodyReader _reader;
    private int _copied;
    private int _fieldStart;
    private int _next;

    private TupleRewriter(MessageWriter writer, ReadOnlySpan<byte> data)
    {
        _writer = writer;
        _data = data;
        _reader = new BodyReader(data);
        FieldCount = _reader.ReadUInt16();
        _copied = 0;
        _fieldStart = 0;
        _next = 0;
        Current = default;
    }

    public int FieldCount { get; }

    /// <summary>The value moved to.</summary>
    public TupleField Current { get; private set; }

    /// <param name="writer">Must not be the owner of <paramref name="data"/>: it may grow and move.</param>
    /// <param name="data">Starts with the tuple; may go on behind it.</param>
    public static TupleRewriter Begin(MessageWriter writer, ReadOnlySpan<byte> data) => new(writer, data);

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
                Current = new TupleField(!hasValue, value);
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

    /// <summary>Copies what is left of the tuple. Gives the number of bytes of the data that belong to it.</summary>
    public int End()
    {
        for (; _next < FieldCount; _next++)
            _reader.TryReadValue(out _);
        _writer.WriteBytes(_data[_copied.._reader.Position]);
        return _reader.Position;
    }

    private void CopyUntouched()
    {
        if (_next == 0 || _copied > _fieldStart)
            throw new InvalidOperationException("Move to a column before replacing it, once.");
        _writer.WriteBytes(_data[_copied.._fieldStart]);
        _copied = _reader.Position;
    }
}
