using System.Text;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Parsing;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Parses the texts that the catalog holds.</summary>
internal static class Definitions
{
    /// <summary>Reads a text of one statement; null when it can't be parsed.</summary>
    public static T? TryRead<T>(Walk walk, string sql, Func<SqlNode, T> read)
        where T : class
    {
        using ParseOutcome outcome = walk.Run.Parser.Parse(Encoding.UTF8.GetBytes(sql));
        return outcome is ParsedScript { Statements: [var only] } ? read(SqlNode.Unwrap(only.Node)) : null;
    }

    /// <summary>Reads a text of any number of statements.</summary>
    public static T? TryReadAll<T>(Walk walk, string sql, Func<IReadOnlyList<SqlNode>, T> read)
        where T : class
    {
        using ParseOutcome outcome = walk.Run.Parser.Parse(Encoding.UTF8.GetBytes(sql));
        return outcome is ParsedScript script ? read([.. script.Statements.Select(s => SqlNode.Unwrap(s.Node))]) : null;
    }

    /// <summary>Reads an expression, such as a default.</summary>
    public static T? TryReadExpression<T>(Walk walk, string expression, Func<SqlNode, T> read)
        where T : class =>
        TryRead(walk, "SELECT " + expression, statement => read(statement.List("targetList").FirstOrMissing.Child("val")));

    /// <summary>Reads a constraint as pg_get_constraintdef writes it.</summary>
    public static T? TryReadCheck<T>(Walk walk, string check, Func<SqlNode, T> read)
        where T : class =>
        TryRead(walk, "ALTER TABLE x ADD " + check, statement => read(statement.List("cmds").FirstOrMissing.Child("def").Child("raw_expr")));
}
