using System.Text;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>
/// The body of ErrorResponse and NoticeResponse: fields of a code letter and a string, then a NUL. Nothing is mandatory here: poolers and
/// old servers leave SQLSTATE or the untranslated severity out.
/// </summary>
public readonly ref struct DiagnosticFields
{
    private readonly ReadOnlySpan<byte> _fields;

    private DiagnosticFields(ReadOnlySpan<byte> fields) => _fields = fields;

    /// <summary>Empty when the sender gave none.</summary>
    public ReadOnlySpan<byte> SqlState => this[DiagnosticField.SqlState];

    public ReadOnlySpan<byte> Message => this[DiagnosticField.Message];

    /// <summary>The untranslated severity, or the possibly translated one of servers before 9.6.</summary>
    public ReadOnlySpan<byte> Severity => TryGet(DiagnosticField.InvariantSeverity, out var severity) ? severity : this[DiagnosticField.Severity];

    /// <summary>The sender closes the connection after this message.</summary>
    public bool IsFatal => Severity.SequenceEqual("FATAL"u8) || Severity.SequenceEqual("PANIC"u8);

    /// <summary>The first field of that code; empty when there is none.</summary>
    public ReadOnlySpan<byte> this[DiagnosticField code] => TryGet(code, out var value) ? value : default;

    public static DiagnosticFields Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        while (reader.ReadByte() != 0)
            reader.ReadCString();
        reader.EnsureEnd();
        return new DiagnosticFields(body[..^1]);
    }

    public DiagnosticFieldEnumerator GetEnumerator() => new(_fields);

    public bool TryGet(DiagnosticField code, out ReadOnlySpan<byte> value)
    {
        foreach (var field in this)
        {
            if (field.Code == code)
            {
                value = field.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The known fields as text, bytes that are not UTF-8 replaced by U+FFFD. Unknown codes are dropped.</summary>
    public Diagnostic ToDiagnostic()
    {
        var diagnostic = new Diagnostic { Severity = Encoding.UTF8.GetString(Severity), SqlState = Encoding.UTF8.GetString(SqlState), Message = Encoding.UTF8.GetString(Message) };
        foreach (var field in this)
        {
            var value = Encoding.UTF8.GetString(field.Value);
            diagnostic = field.Code switch
            {
                DiagnosticField.Detail => diagnostic with { Detail = value },
                DiagnosticField.Hint => diagnostic with { Hint = value },
                DiagnosticField.Position => diagnostic with { Position = int.TryParse(value, out var position) ? position : null },
                DiagnosticField.Where => diagnostic with { Where = value },
                DiagnosticField.SchemaName => diagnostic with { SchemaName = value },
                DiagnosticField.TableName => diagnostic with { TableName = value },
                DiagnosticField.ColumnName => diagnostic with { ColumnName = value },
                DiagnosticField.DataTypeName => diagnostic with { DataTypeName = value },
                DiagnosticField.ConstraintName => diagnostic with { ConstraintName = value },
                _ => diagnostic,
            };
        }

        return diagnostic;
    }
}
