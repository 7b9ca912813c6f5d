using System.Globalization;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Drops a prepared statement or portal; it is no error if there is none of that name.</summary>
public readonly ref struct Close
{
    private Close(TargetKind target, ReadOnlySpan<byte> name)
    {
        Target = target;
        Name = name;
    }

    public TargetKind Target { get; }

    public ReadOnlySpan<byte> Name { get; }

    public static Close Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var target = (TargetKind)reader.ReadByte();
        var name = reader.ReadCString();
        reader.EnsureEnd();
        if (target is not (TargetKind.Statement or TargetKind.Portal))
            Violation.Throw(string.Create(CultureInfo.InvariantCulture, $"invalid CLOSE message subtype {(byte)target}"));
        return new Close(target, name);
    }

    public static void Write(MessageWriter writer, TargetKind target, ReadOnlySpan<byte> name)
    {
        var start = writer.BeginMessage(FrontendMessageType.Close);
        writer.WriteByte((byte)target);
        writer.WriteCString(name);
        writer.EndMessage(start);
    }
}
