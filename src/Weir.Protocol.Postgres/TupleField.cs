namespace Weir.Protocol.Postgres;

/// <summary>One value of a DataRow, a binary COPY tuple or a binary array, in whatever format was announced.</summary>
public readonly ref struct TupleField
{
    internal TupleField(bool isNull, ReadOnlySpan<byte> value)
    {
        IsNull = isNull;
        Value = value;
    }

    public bool IsNull { get; }

    /// <summary>Empty for NULL.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
