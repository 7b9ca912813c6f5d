using System.Text;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Statements;
using Weir.Policy.Access;
using Weir.Sql.Lexing;

namespace Weir.Agent.Sessions.Holds;

/// <summary>The shape of a held statement, where people may approve that instead of the one statement.</summary>
internal static class ReviewShapes
{
    private const int MaxText = 64 * 1024;
    private const int MaxLiterals = 4096;

    /// <param name="exactParameters">As <see cref="Portal.ExactParameters"/> has them.</param>
    /// <returns>Null when only the statement itself can be approved.</returns>
    public static ReviewShape? Of(Judgement judgement, PrincipalKind principal, ReadOnlySpan<byte> exactParameters)
    {
        var text = judgement.Text;
        var window = judgement.Decision.Review?.LongestWindowOf(principal) ?? TimeSpan.Zero;
        if (!judgement.MayCoverShape || window <= TimeSpan.Zero || text.Length > MaxText)
            return null;
        var types = Portal.DeclaredTypesOf(exactParameters);
        var key = new byte[StatementShape.MaxKeyLength(text.Length) + 1 + types.Length];
        var literals = new LiteralList(new SqlLiteral[MaxLiterals]);
        if (!StatementShape.TryWrite(text, key.AsSpan(0, StatementShape.MaxKeyLength(text.Length)), out var length, out _, ref literals))
            return null;

        // NUL is in no shape: what follows can't be taken for a part of it. Other types may mean another function or operator.
        key[length++] = 0;
        types.CopyTo(key.AsSpan(length));
        return new ReviewShape(key.AsMemory(0, length + types.Length), Show(text, literals.Items), window);
    }

    private static string Show(ReadOnlySpan<byte> text, ReadOnlySpan<SqlLiteral> literals)
    {
        var shown = new StringBuilder();
        var from = 0;
        foreach (var literal in literals)
        {
            shown.Append(Encoding.UTF8.GetString(text[from..literal.Start])).Append('?');
            from = literal.Start + literal.Length;
        }

        return shown.Append(Encoding.UTF8.GetString(text[from..])).ToString();
    }
}
