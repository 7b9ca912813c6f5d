using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Both sides stream: replication only.</summary>
public static class CopyBothResponse
{
    public static CopyResponseBody Read(ReadOnlySpan<byte> body) => CopyResponseBody.Read(body);

    public static void Write(MessageWriter writer, FormatCode format, int columnCount) =>
        CopyResponseBody.Write(writer, BackendMessageType.CopyBothResponse, format, columnCount);
}
