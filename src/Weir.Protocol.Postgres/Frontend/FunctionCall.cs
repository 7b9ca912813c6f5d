using System.Buffers.Binary;
using System.Globalization;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>
/// Calls a function by oid, past SQL: a legacy of libpq's PQfn, still used for large objects
/// (PostgreSQL manual, "Function Call" under "Message Flow").
/// </summary>
public readonly ref struct FunctionCall
{
    private readonly ReadOnlySpan<byte> _values;

    private FunctionCall(uint functionOid, FormatCodes argumentFormats, int argumentCount, ReadOnlySpan<byte> values, FormatCode resultFormat)
    {
        FunctionOid = functionOid;
        ArgumentFormats = argumentFormats;
        ArgumentCount = argumentCount;
        _values = values;
        ResultFormat = resultFormat;
    }

    public uint FunctionOid { get; }

    public FormatCodes ArgumentFormats { get; }

    public int ArgumentCount { get; }

    public FormatCode ResultFormat { get; }

    public BindParameterEnumerator Arguments => new(_values, ArgumentFormats);

    public static FunctionCall Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var functionOid = reader.ReadUInt32();
        var formats = FormatCodes.Read(ref reader);
        var count = reader.ReadUInt16();
        if (formats.Count > 1 && formats.Count != count)
            Violation.Throw("function call message has another number of argument formats than of arguments");
        var valuesStart = reader.Position;
        for (var i = 0; i < count; i++)
        {
            if (reader.Remaining >= 4 && BinaryPrimitives.ReadInt32BigEndian(reader.Rest) is var size and < -1)
                Violation.Throw(string.Create(CultureInfo.InvariantCulture, $"invalid argument size {size} in function call message"));
            reader.TryReadValue(out _);
        }

        var values = body[valuesStart..reader.Position];
        var resultFormat = (FormatCode)reader.ReadInt16();
        reader.EnsureEnd();
        return new FunctionCall(functionOid, formats, count, values, resultFormat);
    }

    /// <summary>One format for all arguments; none of them NULL.</summary>
    public static void Write(MessageWriter writer, uint functionOid, FormatCode argumentFormat, IReadOnlyList<byte[]> arguments, FormatCode resultFormat)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments.Count, ushort.MaxValue, nameof(arguments));
        var start = writer.BeginMessage(FrontendMessageType.FunctionCall);
        writer.WriteUInt32(functionOid);
        FormatCodes.Write(writer, [argumentFormat]);
        writer.WriteUInt16((ushort)arguments.Count);
        foreach (var argument in arguments)
            writer.WriteValue(argument);
        writer.WriteInt16((short)resultFormat);
        writer.EndMessage(start);
    }
}
