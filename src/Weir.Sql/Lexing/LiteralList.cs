namespace Weir.Sql.Lexing;

/// <summary>The literals of one text, in a buffer of the caller's.</summary>
public ref struct LiteralList(Span<SqlLiteral> buffer)
{
    private readonly Span<SqlLiteral> _buffer = buffer;

    public int Count { get; private set; }

    /// <summary>In the order of the text.</summary>
    public readonly ReadOnlySpan<SqlLiteral> Items => _buffer[..Count];

    public void Clear() => Count = 0;

    /// <summary>False when the buffer is full.</summary>
    public bool TryAdd(SqlLiteral literal)
    {
        if (Count == _buffer.Length)
            return false;
        _buffer[Count++] = literal;
        return true;
    }
}
