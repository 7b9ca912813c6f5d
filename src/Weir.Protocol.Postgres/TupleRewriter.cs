using System.Buffers.Binary;
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
    private int _position;
    private int _copied;
    private int _fieldStart;
    private int _next;

    private TupleRewriter(MessageWriter writer, ReadOnlySpan<byte> data)
    {
        _writer = writer;
        _data = data;
        if (data.Length < 2)
            Violation.InsufficientData();
        FieldCount = BinaryPrimitives.ReadUInt16BigEndian(data);
        _position = 2;
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
        Skip(column);
        _fieldStart = _position;
        var length = LengthAt(_position);
        _position += 4;
        Current = length < 0 ? new TupleField(true, default) : new TupleField(false, _data.Slice(_position, length));
        _position += Math.Max(length, 0);
        _next = column + 1;
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
        Skip(FieldCount);
        _writer.WriteBytes(_data[_copied.._position]);
        return _position;
    }

    private void Skip(int column)
    {
        for (; _next < column; _next++)
            _position += 4 + Math.Max(LengthAt(_position), 0);
    }

    /// <summary>The length word there: -1 for NULL, otherwise that many bytes do follow.</summary>
    private readonly int LengthAt(int position)
    {
        var rest = _data[position..];
        if (rest.Length < 4)
            Violation.InsufficientData();
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        if (length < -1 || length > rest.Length - 4)
            Violation.InsufficientData();
        return length;
    }

    private void CopyUntouched()
    {
        if (_next == 0 || _copied > _fieldStart)
            throw new InvalidOperationException("Move to a column before replacing it, once.");
        _writer.WriteBytes(_data[_copied.._fieldStart]);
        _copied = _position;
    }
}
