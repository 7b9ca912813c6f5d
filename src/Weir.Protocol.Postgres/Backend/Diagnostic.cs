using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>An error or notice to be sent. Only what is set goes onto the wire; NUL inside a text becomes U+FFFD.</summary>
public sealed record Diagnostic
{
    /// <summary><c>ERROR</c>, <c>FATAL</c>, <c>NOTICE</c>, <c>WARNING</c> …; sent as the S and as the V field.</summary>
    public required string Severity { get; init; }

    /// <summary>Five characters.</summary>
    public required string SqlState { get; init; }

    public required string Message { get; init; }

    public string? Detail { get; init; }

    public string? Hint { get; init; }

    /// <summary>Characters, from 1, into the query text.</summary>
    public int? Position { get; init; }

    public string? Where { get; init; }

    public string? SchemaName { get; init; }

    public string? TableName { get; init; }

    public string? ColumnName { get; init; }

    public string? DataTypeName { get; init; }

    public string? ConstraintName { get; init; }

    public static Diagnostic Error(string sqlState, string message) => new() { Severity = "ERROR", SqlState = sqlState, Message = message };

    /// <summary>The connection is closed after it.</summary>
    public static Diagnostic Fatal(string sqlState, string message) => new() { Severity = "FATAL", SqlState = sqlState, Message = message };

    public static Diagnostic Notice(string message, string sqlState = SqlStates.SuccessfulCompletion) => new() { Severity = "NOTICE", SqlState = sqlState, Message = message };

    public static Diagnostic Warning(string message, string sqlState = SqlStates.Warning) => new() { Severity = "WARNING", SqlState = sqlState, Message = message };

    /// <summary>What PostgreSQL would say about the violation: FATAL where it would close the connection.</summary>
    public static Diagnostic For(ProtocolViolationException violation)
    {
        ArgumentNullException.ThrowIfNull(violation);
        return violation.IsFatal ? Fatal(violation.SqlState, violation.Message) : Error(violation.SqlState, violation.Message);
    }

    internal void Write(MessageWriter writer, BackendMessageType type)
    {
        var start = writer.BeginMessage(type);
        WriteField(writer, DiagnosticField.Severity, Severity);
        WriteField(writer, DiagnosticField.InvariantSeverity, Severity);
        WriteField(writer, DiagnosticField.SqlState, SqlState);
        WriteField(writer, DiagnosticField.Message, Message);
        WriteField(writer, DiagnosticField.Detail, Detail);
        WriteField(writer, DiagnosticField.Hint, Hint);
        WriteField(writer, DiagnosticField.Position, Position?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        WriteField(writer, DiagnosticField.Where, Where);
        WriteField(writer, DiagnosticField.SchemaName, SchemaName);
        WriteField(writer, DiagnosticField.TableName, TableName);
        WriteField(writer, DiagnosticField.ColumnName, ColumnName);
        WriteField(writer, DiagnosticField.DataTypeName, DataTypeName);
        WriteField(writer, DiagnosticField.ConstraintName, ConstraintName);
        writer.WriteByte(0);
        writer.EndMessage(start);
    }

    private static void WriteField(MessageWriter writer, DiagnosticField code, string? value)
    {
        if (value is null)
            return;
        writer.WriteByte((byte)code);
        writer.WriteCString(value.Contains('\0', StringComparison.Ordinal) ? value.Replace('\0', '\ufffd') : value);
    }
}
