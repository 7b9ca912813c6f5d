using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The server waits for the next query cycle.</summary>
public static class ReadyForQuery
{
    public static TransactionStatus Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var status = (TransactionStatus)reader.ReadByte();
        reader.EnsureEnd();
        if (status is not (TransactionStatus.Idle or TransactionStatus.InTransaction or TransactionStatus.Failed))
            Violation.Throw("invalid transaction status in ReadyForQuery");
        return status;
    }

    public static ReadOnlySpan<byte> Bytes(TransactionStatus status) => status switch
    {
        TransactionStatus.Idle => [(byte)'Z', 0, 0, 0, 5, (byte)'I'],
        TransactionStatus.InTransaction => [(byte)'Z', 0, 0, 0, 5, (byte)'T'],
        TransactionStatus.Failed => [(byte)'Z', 0, 0, 0, 5, (byte)'E'],
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    public static void Write(MessageWriter writer, TransactionStatus status) => writer.WriteBytes(Bytes(status));
}
