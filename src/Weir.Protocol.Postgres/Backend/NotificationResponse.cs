using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>A NOTIFY of some session on a channel this one listens to.</summary>
public readonly ref struct NotificationResponse
{
    private NotificationResponse(int processId, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        ProcessId = processId;
        Channel = channel;
        Payload = payload;
    }

    /// <summary>Of the notifying backend.</summary>
    public int ProcessId { get; }

    public ReadOnlySpan<byte> Channel { get; }

    public ReadOnlySpan<byte> Payload { get; }

    public static NotificationResponse Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var processId = reader.ReadInt32();
        var channel = reader.ReadCString();
        var payload = reader.ReadCString();
        reader.EnsureEnd();
        return new NotificationResponse(processId, channel, payload);
    }

    public static void Write(MessageWriter writer, int processId, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        var start = writer.BeginMessage(BackendMessageType.NotificationResponse);
        writer.WriteInt32(processId);
        writer.WriteCString(channel);
        writer.WriteCString(payload);
        writer.EndMessage(start);
    }
}
