using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>
/// A piece of a COPY stream, the same in both directions. Servers send one row per message; clients cut where they like.
/// </summary>
public readonly ref struct CopyData
{
    /// <summary>The type byte in both directions.</summary>
    public const byte Type = (byte)'d';

    private CopyData(ReadOnlySpan<byte> data) => Data = data;

    public ReadOnlySpan<byte> Data { get; }

    public static CopyData Read(ReadOnlySpan<byte> body) => new(body);

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> data)
    {
        var start = Begin(writer);
        writer.WriteBytes(data);
        writer.EndMessage(start);
    }

    /// <summary>For data written in pieces; <see cref="MessageWriter.EndMessage"/> ends it.</summary>
    public static int Begin(MessageWriter writer) => writer.BeginMessage(Type);
}
