using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Policy.Patterns;

/// <summary>Matches compiled patterns with names that may be ambiguous: an empty schema could be any.</summary>
internal static class NameMatching
{
    /// <summary><c>schema.name</c>, or a name alone, which stands for every schema.</summary>
    public static bool MatchesObject(this NamePattern pattern, QualifiedName name)
        => pattern.Last.Matches(name.Name)
            && (pattern.Parts.Count == 1 || name.Schema.Length == 0 || pattern.Parts[0].Matches(name.Schema) || IsTemporary(name) && pattern.Parts[0].Matches("pg_temp"));

    /// <summary>The relation part of <c>schema.table.column</c>.</summary>
    public static bool MatchesRelation(this NamePattern pattern, QualifiedName relation)
        => pattern.Parts[1].Matches(relation.Name) && (relation.Schema.Length == 0 || pattern.Parts[0].Matches(relation.Schema));

    /// <summary><c>schema.table.column</c>; the column <c>*</c> of a reference is every column.</summary>
    public static bool MatchesColumn(this NamePattern pattern, QualifiedName relation, string column)
        => (column == "*" || pattern.Parts[2].Matches(column)) && pattern.MatchesRelation(relation);

    public static bool AnyObject(this ImmutableArray<NamePattern> patterns, QualifiedName name)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.MatchesObject(name))
                return true;
        }

        return false;
    }

    public static bool AnyObject(this ImmutableArray<NamePattern> patterns, ImmutableArray<QualifiedName> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (patterns.AnyObject(candidate))
                return true;
        }

        return false;
    }

    /// <summary>Every relation that it could be is temporary: only this session sees it.</summary>
    public static bool IsTemporary(this RelationReference relation)
    {
        foreach (var candidate in relation.Candidates)
        {
            if (!IsTemporary(candidate))
                return false;
        }

        return relation.Candidates.Length > 0;
    }

    private static bool IsTemporary(QualifiedName name)
        => name.Schema.StartsWith("pg_temp", StringComparison.Ordinal) && (name.Schema.Length == 7 || name.Schema[7] == '_');
}
