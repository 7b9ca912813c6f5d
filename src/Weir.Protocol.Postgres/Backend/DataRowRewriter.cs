using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>
/// Copies a DataRow with some values replaced, in one pass, see <see cref="TupleRewriter"/>. No <see cref="DataRow.Read"/> is needed
/// before. If it throws, undo by <see cref="MessageWriter.Truncate"/> to the length before <see cref="Begin"/>.
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
    private readonly int _bodyLength;
    private readonly int _start;
    private TupleRewriter _tuple;

    private DataRowRewriter(MessageWriter writer, ReadOnlySpan<byte> body)
    {
        _writer = writer;
        _bodyLength = body.Length;
        _start = writer.BeginMessage(BackendMessageType.DataRow);
        _tuple = TupleRewriter.Begin(writer, body);
    }

    public readonly int FieldCount => _tuple.FieldCount;

    /// <summary>The value moved to.</summary>
    public readonly TupleField Current => _tuple.Current;

    /// <param name="writer">Must not be the owner of <paramref name="body"/>: it may grow and move.</param>
    /// <param name="body">The body of the DataRow.</param>
    public static DataRowRewriter Begin(MessageWriter writer, ReadOnlySpan<byte> body) => new(writer, body);

    /// <inheritdoc cref="TupleRewriter.MoveTo"/>
    public bool MoveTo(int column) => _tuple.MoveTo(column);

    public void Replace(scoped ReadOnlySpan<byte> value) => _tuple.Replace(value);

    public void ReplaceWithNull() => _tuple.ReplaceWithNull();

    /// <inheritdoc cref="TupleRewriter.BeginReplace"/>
    public int BeginReplace() => _tuple.BeginReplace();

    public readonly void EndReplace(int start) => _tuple.EndReplace(start);

    /// <summary>Copies what is left and fills in the length.</summary>
    public void End()
    {
        if (_tuple.End() != _bodyLength)
            Violation.TrailingData();
        _writer.EndMessage(_start);
    }
}
