namespace Weir.Protocol.Postgres.Backend;

/// <summary>One value of a DataRow, in the format that RowDescription announced.</summary>
public readonly ref struct DataRowField
{
    internal DataRowField(bool isNull, ReadOnlySpan<byte> value)
    {
        IsNull = isNull;
        Value = value;
    }

    public bool IsNull { get; }

    /// <summary>Empty for NULL.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
