using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The server's newest version at or below the one asked for, and the protocol options it does not know.</summary>
public readonly ref struct NegotiateProtocolVersion
{
    private readonly ReadOnlySpan<byte> _options;

    private NegotiateProtocolVersion(ProtocolVersion version, int optionCount, ReadOnlySpan<byte> options)
    {
        Version = version;
        UnknownOptionCount = optionCount;
        _options = options;
    }

    public ProtocolVersion Version { get; }

    public int UnknownOptionCount { get; }

    public StringListEnumerator UnknownOptions => new(_options);

    public static NegotiateProtocolVersion Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var version = new ProtocolVersion(reader.ReadInt32());
        var count = reader.ReadInt32();
        // Each option takes at least its NUL, so an honest count never exceeds the bytes there.
        if (count < 0 || count > reader.Remaining)
            Violation.InsufficientData();
        var options = reader.Rest;
        for (var i = 0; i < count; i++)
            reader.ReadCString();
        reader.EnsureEnd();
        return new NegotiateProtocolVersion(version, count, options);
    }

    public static void Write(MessageWriter writer, ProtocolVersion version, IReadOnlyList<string> unknownOptions)
    {
        var start = writer.BeginMessage(BackendMessageType.NegotiateProtocolVersion);
        writer.WriteInt32(version.Code);
        writer.WriteInt32(unknownOptions.Count);
        foreach (var option in unknownOptions)
            writer.WriteCString(option);
        writer.EndMessage(start);
    }
}
