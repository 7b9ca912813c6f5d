namespace Weir.Agent.Recording;

/// <summary>
/// What has come of an answer that may still become part of its statement's finish, in one event instead of three: its columns and its rows, encoded already. It belongs to a thread and not
/// to a session, because it never outlives the call in which the rows came: what reaches the client is recorded before it goes out, finish or not.
/// </summary>
internal sealed class SmallAnswer
{
    /// <summary>Bytes of columns and rows at most: the finish must stay below what is reserved for it in the spool.</summary>
    public const int MaxBytes = 2 * 1024;

    /// <summary>Number and wire type of StatementFinished.answer_rows and of AnswerRows.rows.</summary>
    private const byte InlineTag = (EventFields.AnswerRows << 3) | 2;
    private const byte RowsTag = (2 << 3) | 2;

    [ThreadStatic]
    private static SmallAnswer? _current;

    private int _firstRow;

    /// <summary>That of this thread.</summary>
    public static SmallAnswer Current => _current ??= new SmallAnswer();

    /// <summary>Null while there is none.</summary>
    public SessionRecording? Owner { get; private set; }

    public long Statement { get; private set; }

    /// <summary>Null when nothing said what the columns are.</summary>
    public ColumnsTemplate? Columns { get; private set; }

    public int Rows { get; private set; }

    /// <summary>Of the rows' bodies.</summary>
    public long RowBytes { get; private set; }

    /// <summary>Bytes of the body so far: the statement's number, then the rows.</summary>
    public int Length { get; private set; }

    /// <summary>Room for a header, then the body of the finish.</summary>
    public byte[] Buffer { get; } = new byte[EventHeader.MaxSize + Spool.StatementReserve];

    public Span<byte> Body => Buffer.AsSpan(EventHeader.MaxSize);

    public void Begin(SessionRecording owner, long statement, ColumnsTemplate? columns)
    {
        Owner = owner;
        Statement = statement;
        Columns = columns;
        Rows = 0;
        RowBytes = 0;
        var writer = new EventWriter(Body);
        writer.Int64(1, statement);
        _firstRow = Length = writer.Position;
    }

    /// <returns>False when it would become too large; it is as before then.</returns>
    public bool TryAdd(ReadOnlySpan<byte> row)
    {
        if (Length + (Columns?.Inline.Length ?? 0) + row.Length + EventWriter.FieldOverhead > MaxBytes)
            return false;
        var writer = new EventWriter(Body[Length..]);
        writer.Element(EventFields.AnswerRows, row);
        Length += writer.Position;
        Rows++;
        RowBytes += row.Length;
        return true;
    }

    public void End() => (Owner, Columns) = (null, null);

    /// <summary>Turns the body into that of an AnswerRows event, and adds the rows to a hash.</summary>
    public void BecomeRows(ref AnswerHash hash)
    {
        var rest = Body[_firstRow..Length];
        while (!rest.IsEmpty)
        {
            if (rest[0] != InlineTag)
                throw new InvalidOperationException("A row of a small answer is not where it should be.");
            rest[0] = RowsTag;
            var reader = new WireReader(rest[1..]);
            var row = reader.Bytes();
            hash.Append(row);
            rest = rest[(1 + EventWriter.VarintSize((ulong)row.Length) + row.Length)..];
        }
    }
}
