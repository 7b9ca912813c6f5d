namespace Weir.Protocol.Postgres.Frontend;

/// <summary>One pair of a StartupMessage, as sent (the encoding is not negotiated yet).</summary>
public readonly ref struct StartupParameter
{
    internal StartupParameter(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Value { get; }

    public bool IsProtocolOption => Name.StartsWith(StartupMessage.ProtocolOptionPrefix);
}
