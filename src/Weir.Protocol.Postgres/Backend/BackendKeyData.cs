using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Process id and secret for a later CancelRequest: 4 bytes of secret in protocol 3.0, up to 256 in 3.2.</summary>
public readonly ref struct BackendKeyData
{
    private BackendKeyData(int processId, ReadOnlySpan<byte> secret)
    {
        ProcessId = processId;
        Secret = secret;
    }

    public int ProcessId { get; }

    /// <summary>4 to 256 bytes.</summary>
    public ReadOnlySpan<byte> Secret { get; }

    public CancelKey ToCancelKey() => new(ProcessId, Secret);

    public static BackendKeyData Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var processId = reader.ReadInt32();
        if (reader.Remaining is < CancelKey.MinSecretLength or > CancelKey.MaxSecretLength)
            Violation.Throw("invalid length of cancel key");
        return new BackendKeyData(processId, reader.Rest);
    }

    public static void Write(MessageWriter writer, CancelKey key)
    {
        var start = writer.BeginMessage(BackendMessageType.BackendKeyData);
        writer.WriteInt32(key.ProcessId);
        writer.WriteBytes(key.Secret);
        writer.EndMessage(start);
    }
}
