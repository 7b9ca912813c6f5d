using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>A statement (or, when fatal, the session) failed.</summary>
public static class ErrorResponse
{
    public static DiagnosticFields Read(ReadOnlySpan<byte> body) => DiagnosticFields.Read(body);

    public static void Write(MessageWriter writer, Diagnostic diagnostic)
    {
        ArgumentNullException.ThrowIfNull(diagnostic);
        diagnostic.Write(writer, BackendMessageType.ErrorResponse);
    }
}
