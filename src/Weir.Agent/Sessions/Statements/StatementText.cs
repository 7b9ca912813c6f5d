using Weir.Policy.Analysis;
using Weir.Policy.Compilation;

namespace Weir.Agent.Sessions.Statements;

/// <summary>The text of one statement as recordings and reviewers see it: literals that belong to masked columns are replaced.</summary>
internal static class StatementText
{
    public static byte[] Cut(ReadOnlySpan<byte> text, StatementAnalysis statement, SessionPolicy policy)
    {
        var start = Math.Clamp(statement.Start, 0, text.Length);
        var end = statement.Length <= 0 ? text.Length : Math.Min(text.Length, start + statement.Length);
        if (!policy.HasMasking || statement.Literals.IsDefaultOrEmpty)
            return text[start..end].ToArray();
        var result = new MemoryStream(end - start);
        var copied = start;
        foreach (var literal in statement.Literals.Where(l => l.Parameter == 0 && l.Start >= 0).OrderBy(l => l.Start))
        {
            if (literal.Start < copied || literal.Start + literal.Length > end || !IsSensitive(literal, policy))
                continue;
            result.Write(text[copied..literal.Start]);
            result.Write("'***'"u8);
            copied = literal.Start + literal.Length;
        }

        result.Write(text[copied..end]);
        return result.ToArray();
    }

    /// <summary>Numbers (from 1) of the parameters that meet a masked column; 0 for all of them, when which one can't be known.</summary>
    public static int[] MaskedParameters(StatementAnalysis statement, SessionPolicy policy)
    {
        if (!policy.HasMasking || statement.Literals.IsDefaultOrEmpty)
            return [];
        return [.. statement.Literals.Where(l => l.Parameter > 0 && IsSensitive(l, policy)).Select(l => l.Parameter).Distinct()];
    }

    /// <summary>Some constant of the text belongs to a masked column.</summary>
    public static bool HasSensitiveLiterals(StatementAnalysis statement, SessionPolicy policy) =>
        policy.HasMasking && !statement.Literals.IsDefaultOrEmpty && statement.Literals.Any(l => l.Parameter == 0 && IsSensitive(l, policy));

    private static bool IsSensitive(LiteralBinding literal, SessionPolicy policy)
    {
        if (literal.Relation.Name is null or "")
            return true;
        return literal.Column == "*" ? policy.MayBeSensitive(literal.Relation) : policy.MaskFor(literal.Relation, literal.Column) is not null;
    }
}
