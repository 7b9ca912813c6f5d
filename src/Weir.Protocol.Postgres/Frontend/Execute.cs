using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Runs a portal.</summary>
public readonly ref struct Execute
{
    private Execute(ReadOnlySpan<byte> portal, int maxRows)
    {
        Portal = portal;
        MaxRows = maxRows;
    }

    public ReadOnlySpan<byte> Portal { get; }

    /// <summary>0 and below: no limit, as on the server.</summary>
    public int MaxRows { get; }

    public static Execute Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var portal = reader.ReadCString();
        var maxRows = reader.ReadInt32();
        reader.EnsureEnd();
        return new Execute(portal, maxRows);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> portal, int maxRows = 0)
    {
        var start = writer.BeginMessage(FrontendMessageType.Execute);
        writer.WriteCString(portal);
        writer.WriteInt32(maxRows);
        writer.EndMessage(start);
    }
}
