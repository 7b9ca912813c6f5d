using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>A warning or message beside the answer; may come at any time.</summary>
public static class NoticeResponse
{
    public static DiagnosticFields Read(ReadOnlySpan<byte> body) => DiagnosticFields.Read(body);

    public static void Write(MessageWriter writer, Diagnostic diagnostic)
    {
        ArgumentNullException.ThrowIfNull(diagnostic);
        diagnostic.Write(writer, BackendMessageType.NoticeResponse);
    }
}
