namespace Weir.Protocol.Postgres.Backend;

/// <summary>The code letters of ErrorResponse and NoticeResponse (PostgreSQL manual, "Error and Notice Message Fields").</summary>
public enum DiagnosticField : byte
{
    /// <summary>Severity, possibly translated.</summary>
    Severity = (byte)'S',

    /// <summary>Severity, never translated.</summary>
    InvariantSeverity = (byte)'V',
    SqlState = (byte)'C',
    Message = (byte)'M',
    Detail = (byte)'D',
    Hint = (byte)'H',

    /// <summary>Characters, from 1, into the query text.</summary>
    Position = (byte)'P',
    InternalPosition = (byte)'p',
    InternalQuery = (byte)'q',
    Where = (byte)'W',
    SchemaName = (byte)'s',
    TableName = (byte)'t',
    ColumnName = (byte)'c',
    DataTypeName = (byte)'d',
    ConstraintName = (byte)'n',
    File = (byte)'F',
    Line = (byte)'L',
    Routine = (byte)'R',
}
