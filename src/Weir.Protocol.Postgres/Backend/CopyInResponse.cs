using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The server waits for the rows of a COPY FROM STDIN.</summary>
public static class CopyInResponse
{
    public static CopyResponseBody Read(ReadOnlySpan<byte> body) => CopyResponseBody.Read(body);

    public static void Write(MessageWriter writer, FormatCode format, int columnCount) =>
        CopyResponseBody.Write(writer, BackendMessageType.CopyInResponse, format, columnCount);
}
