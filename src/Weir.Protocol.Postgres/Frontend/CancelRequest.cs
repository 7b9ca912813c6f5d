using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Sent on a connection of its own instead of a StartupMessage; there is no answer (PostgreSQL manual, "Message Formats").</summary>
public readonly ref struct CancelRequest
{
    private CancelRequest(int processId, ReadOnlySpan<byte> secret)
    {
        ProcessId = processId;
        Secret = secret;
    }

    public int ProcessId { get; }

    /// <summary>4 to 256 bytes.</summary>
    public ReadOnlySpan<byte> Secret { get; }

    public static CancelRequest Read(in StartupPacket packet)
    {
        if (packet.Kind != StartupPacketKind.CancelRequest)
            Violation.ThrowFatal("invalid startup packet layout");
        if (packet.Body.Length < 4)
            Violation.ThrowFatal("invalid length of cancel request");
        var reader = new BodyReader(packet.Body);
        var processId = reader.ReadInt32();
        if (reader.Remaining is < CancelKey.MinSecretLength or > CancelKey.MaxSecretLength)
            Violation.ThrowFatal("invalid length of cancel key");
        return new CancelRequest(processId, reader.Rest);
    }

    public static void Write(MessageWriter writer, CancelKey key)
    {
        var start = writer.BeginUntyped();
        writer.WriteInt32(StartupPacket.CancelRequestCode);
        writer.WriteInt32(key.ProcessId);
        writer.WriteBytes(key.Secret);
        writer.EndMessage(start);
    }
}
