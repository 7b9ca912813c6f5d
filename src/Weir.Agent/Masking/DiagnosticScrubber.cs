using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Masking;

/// <summary>
/// Takes values out of errors and notices in a session with masking rules. Details, contexts and internal queries go. In the message, what stands in
/// quotes stays only where it can't be a masked value: the parser points at it in the statement, or it is a name of the fields beside it. Text that a
/// function raised is withheld whole.
/// </summary>
internal static class DiagnosticScrubber
{
    private const string Withheld = "message withheld by a masking rule";

    /// <summary>Appends the message without values.</summary>
    /// <param name="statement">Text that the client sent; empty when not known.</param>
    public static void Write(BackendMessageType type, DiagnosticFields fields, ReadOnlySpan<byte> statement, MessageWriter output)
    {
        var isRaised = IsRaised(fields);
        var start = output.BeginMessage(type);
        foreach (var field in fields)
        {
            switch (field.Code)
            {
                case DiagnosticField.Severity or DiagnosticField.InvariantSeverity or DiagnosticField.SqlState
                    or DiagnosticField.Position or DiagnosticField.File or DiagnosticField.Line or DiagnosticField.Routine:
                    WriteField(output, field.Code, field.Value);
                    break;
                case DiagnosticField.SchemaName or DiagnosticField.TableName or DiagnosticField.ColumnName or DiagnosticField.DataTypeName
                    or DiagnosticField.ConstraintName when !isRaised:
                    WriteField(output, field.Code, field.Value);
                    break;
                case DiagnosticField.Hint when !isRaised && fields.SqlState.StartsWith("42"u8):
                    output.WriteByte((byte)field.Code);
                    WriteScrubbed(output, field.Value, fields, statement);
                    output.WriteByte(0);
                    break;
                case DiagnosticField.Message:
                    output.WriteByte((byte)field.Code);
                    if (isRaised)
                        output.WriteUtf8(Withheld);
                    else
                        WriteScrubbed(output, field.Value, fields, statement);
                    output.WriteByte(0);
                    break;
            }
        }

        output.WriteByte(0);
        output.EndMessage(start);
    }

    /// <summary>The text comes from a function, not from the server's own messages.</summary>
    private static bool IsRaised(DiagnosticFields fields)
    {
        var state = fields.SqlState;
        if (state.StartsWith("P0"u8) || state.StartsWith("38"u8) || state.StartsWith("39"u8) || state.StartsWith("HV"u8) || state.Length != 5)
            return true;
        // The name of the server's own function that reported it; each language has its own way to raise a text.
        var routine = fields[DiagnosticField.Routine];
        return routine.IsEmpty || routine.SequenceEqual("exec_stmt_raise"u8) || routine.StartsWith("PLy_"u8) || routine.StartsWith("plperl"u8)
            || routine.StartsWith("pltcl"u8) || routine.SequenceEqual("exec_stmt_assert"u8) || routine.StartsWith("dblink"u8);
    }

    private static void WriteScrubbed(MessageWriter output, ReadOnlySpan<byte> text, DiagnosticFields fields, ReadOnlySpan<byte> statement)
    {
        while (true)
        {
            var open = text.IndexOf((byte)'"');
            if (open < 0)
            {
                WriteUnquoted(output, text, fields);
                return;
            }

            // The value may hold quotes of its own: from the first to the last one is the safe reading when the short one does not match.
            var close = text[(open + 1)..].IndexOf((byte)'"');
            var last = text.LastIndexOf((byte)'"');
            WriteUnquoted(output, text[..open], fields);
            output.WriteByte((byte)'"');
            if (close < 0)
            {
                output.WriteUtf8("***");
                return;
            }

            var quoted = text.Slice(open + 1, close);
            if (!IsHarmless(quoted, fields, statement))
            {
                output.WriteUtf8("***\"");
                text = text[(last + 1)..];
                continue;
            }

            output.WriteBytes(quoted);
            output.WriteByte((byte)'"');
            text = text[(open + close + 2)..];
        }
    }

    private static void WriteUnquoted(MessageWriter output, ReadOnlySpan<byte> text, DiagnosticFields fields)
    {
        if (MessageWords.MayHoldValues(fields))
            MessageWords.Write(text, output);
        else
            output.WriteBytes(text);
    }

    // A position says that the parser complains about the text itself. An error at run time has none, and there even a short value that happens
    // to stand in the text must go: whoever writes all ten digits into a comment would read any secret digit by digit.
    private static bool IsHarmless(ReadOnlySpan<byte> quoted, DiagnosticFields fields, ReadOnlySpan<byte> statement) =>
        quoted.IsEmpty
        || (fields.TryGet(DiagnosticField.Position, out _) && statement.IndexOf(quoted) >= 0)
        || quoted.SequenceEqual(fields[DiagnosticField.TableName])
        || quoted.SequenceEqual(fields[DiagnosticField.ColumnName])
        || quoted.SequenceEqual(fields[DiagnosticField.ConstraintName])
        || quoted.SequenceEqual(fields[DiagnosticField.SchemaName])
        || quoted.SequenceEqual(fields[DiagnosticField.DataTypeName]);

    private static void WriteField(MessageWriter output, DiagnosticField code, ReadOnlySpan<byte> value)
    {
        output.WriteByte((byte)code);
        output.WriteCString(value);
    }
}
