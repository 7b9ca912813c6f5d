using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// Refuses to write back what a mask has made: a client that sends a row as it was shown would destroy the real value. Literals and parameters; masks that look
/// real (format, round, truncate, and the fixed values of types other than text) can't be told. The rows of COPY FROM STDIN: <see cref="CopyInCheck"/>.
/// </summary>
internal static class WrittenMasks
{
    /// <summary>Null when no literal of the text that is written to a masked column is a mask.</summary>
    public static Diagnostic? Check(ReadOnlySpan<byte> text, ScriptAnalysis script, SessionPolicy policy)
    {
        foreach (var statement in script.Statements)
        {
            foreach (var literal in statement.Literals)
            {
                if (literal.Parameter == 0 && literal.Start >= 0 && literal.Start + literal.Length <= text.Length && IsWritten(statement, literal)
                    && policy.IsMaskedValue(literal.Relation, literal.Column, Content(text.Slice(literal.Start, literal.Length))))
                    return Refusal(literal);
            }
        }

        return null;
    }

    /// <summary>The same of the values of a Bind.</summary>
    public static Diagnostic? Check(StatementAnalysis statement, ParameterList parameters, SessionPolicy policy)
    {
        foreach (var literal in statement.Literals)
        {
            if (literal.Parameter <= 0 || literal.Parameter > parameters.Parameters.Length || !IsWritten(statement, literal))
                continue;
            var parameter = parameters.Parameters[literal.Parameter - 1];
            // Texts are the same bytes in both formats.
            if (parameter.Length > 0 && policy.IsMaskedValue(literal.Relation, literal.Column, parameters.Source.Slice(parameter.Offset, parameter.Length)))
                return Refusal(literal);
        }

        return null;
    }

    private static bool IsWritten(StatementAnalysis statement, LiteralBinding literal)
    {
        if (literal.Column == "*")
            return false;
        foreach (var column in statement.Columns)
        {
            if (column.Column == literal.Column && (column.Use & ColumnUse.Written) != 0 && column.Relations.Contains(literal.Relation))
                return true;
        }

        return false;
    }

    /// <summary>What stands between the quotes; escapes stay as they are, for masks have none.</summary>
    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> literal)
    {
        var open = literal.IndexOf((byte)'\'');
        var close = literal.LastIndexOf((byte)'\'');
        if (literal.Length > 0 && literal[0] == '$')
        {
            open = 1 + literal[1..].IndexOf((byte)'$');
            close = literal.Length - open - 1;
        }

        return open >= 0 && close > open ? literal[(open + 1)..close] : [];
    }

    private static Diagnostic Refusal(LiteralBinding literal) =>
        Diagnostic.Error(SqlStates.InsufficientPrivilege, $"weir: denied: the value for {literal.Relation.Name}.{literal.Column} is what its mask shows, not the value itself") with
        {
            Hint = "Leave the column out of the statement: writing the mask back would destroy the real value.",
        };
}
