using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The rows of a COPY TO STDOUT follow.</summary>
public static class CopyOutResponse
{
    public static CopyResponseBody Read(ReadOnlySpan<byte> body) => CopyResponseBody.Read(body);

    public static void Write(MessageWriter writer, FormatCode format, int columnCount) =>
        CopyResponseBody.Write(writer, BackendMessageType.CopyOutResponse, format, columnCount);
}
