using System.Globalization;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Asks for the columns (and, of a statement, the parameters) of a statement or portal.</summary>
public readonly ref struct Describe
{
    private Describe(TargetKind target, ReadOnlySpan<byte> name)
    {
        Target = target;
        Name = name;
    }

    public TargetKind Target { get; }

    public ReadOnlySpan<byte> Name { get; }

    public static Describe Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var target = (TargetKind)reader.ReadByte();
        var name = reader.ReadCString();
        reader.EnsureEnd();
        if (target is not (TargetKind.Statement or TargetKind.Portal))
            Violation.Throw(string.Create(CultureInfo.InvariantCulture, $"invalid DESCRIBE message subtype {(byte)target}"));
        return new Describe(target, name);
    }

    public static void Write(MessageWriter writer, TargetKind target, ReadOnlySpan<byte> name)
    {
        var start = writer.BeginMessage(FrontendMessageType.Describe);
        writer.WriteByte((byte)target);
        writer.WriteCString(name);
        writer.EndMessage(start);
    }
}
