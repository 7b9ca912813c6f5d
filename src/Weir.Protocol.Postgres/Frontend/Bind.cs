using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Makes a portal of a prepared statement: parameter formats, parameter values, result formats.</summary>
public readonly ref struct Bind
{
    private readonly ReadOnlySpan<byte> _afterNames;
    private readonly ReadOnlySpan<byte> _values;

    private Bind(
        ReadOnlySpan<byte> portal,
        ReadOnlySpan<byte> statement,
        ReadOnlySpan<byte> afterNames,
        FormatCodes parameterFormats,
        int parameterCount,
        ReadOnlySpan<byte> values,
        FormatCodes resultFormats)
    {
        Portal = portal;
        Statement = statement;
        _afterNames = afterNames;
        ParameterFormats = parameterFormats;
        ParameterCount = parameterCount;
        _values = values;
        ResultFormats = resultFormats;
    }

    public ReadOnlySpan<byte> Portal { get; }

    public ReadOnlySpan<byte> Statement { get; }

    public FormatCodes ParameterFormats { get; }

    public int ParameterCount { get; }

    public FormatCodes ResultFormats { get; }

    /// <summary>The values in order, with the format that applies to each.</summary>
    public BindParameterEnumerator Parameters => new(_values, ParameterFormats);

    /// <exception cref="ProtocolViolationException">Also when several formats are given but not one for each parameter.</exception>
    public static Bind Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var portal = reader.ReadCString();
        var statement = reader.ReadCString();
        var afterNames = reader.Rest;
        var parameterFormats = FormatCodes.Read(ref reader);
        var parameterCount = reader.ReadUInt16();
        if (parameterFormats.Count > 1 && parameterFormats.Count != parameterCount)
            Violation.Throw("bind message has another number of parameter formats than of parameters");
        var valuesStart = reader.Position;
        for (var i = 0; i < parameterCount; i++)
            reader.TryReadValue(out _);
        var values = body[valuesStart..reader.Position];
        var resultFormats = FormatCodes.Read(ref reader);
        reader.EnsureEnd();
        return new Bind(portal, statement, afterNames, parameterFormats, parameterCount, values, resultFormats);
    }

    /// <summary>This message with other names; formats and values are copied in one piece.</summary>
    public void Rewrite(MessageWriter writer, ReadOnlySpan<byte> portal, ReadOnlySpan<byte> statement)
    {
        var start = writer.BeginMessage(FrontendMessageType.Bind);
        writer.WriteCString(portal);
        writer.WriteCString(statement);
        writer.WriteBytes(_afterNames);
        writer.EndMessage(start);
    }
}
