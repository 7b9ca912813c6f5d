namespace Weir.Protocol.Postgres.Frontend;

/// <summary>One parameter value of a Bind.</summary>
public readonly ref struct BindParameter
{
    internal BindParameter(FormatCode format, bool isNull, ReadOnlySpan<byte> value)
    {
        Format = format;
        IsNull = isNull;
        Value = value;
    }

    public FormatCode Format { get; }

    public bool IsNull { get; }

    /// <summary>Empty for NULL.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
