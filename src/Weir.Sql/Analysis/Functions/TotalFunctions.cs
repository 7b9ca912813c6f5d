using System.Collections.Frozen;
using System.Collections.Immutable;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Functions;

/// <summary>
/// PostgreSQL's own functions, operators and casts that have a value for every value: no error, no NULL for what is not NULL, no waiting. What goes into
/// anything else can be told from the answer although the result is masked: <c>1 / (salary - 5000)</c> fails or not, <c>nullif(left(ssn, 1), '8')</c> is NULL or
/// not, <c>pg_sleep(salary)</c> takes its time.
/// </summary>
internal static class TotalFunctions
{
    private const uint Jsonb = 3802;

    /// <summary>Whichever of their arguments the values go into.</summary>
    private static readonly FrozenSet<string> Everywhere = FrozenSet.ToFrozenSet(
        [
            "upper", "lower", "initcap", "casefold", "btrim", "ltrim", "rtrim", "concat", "concat_ws", "replace", "translate", "reverse", "length", "char_length",
            "character_length", "octet_length", "bit_length", "quote_literal", "quote_ident", "quote_nullable", "md5", "sha224", "sha256", "sha384", "sha512",
            "hashtext", "hashtextextended", "to_json", "to_jsonb", "row_to_json", "json_build_array", "jsonb_build_array", "json_build_object", "jsonb_build_object",
            "array_to_json", "json_typeof", "jsonb_typeof", "jsonb_pretty", "num_nulls", "num_nonnulls", "starts_with", "strpos", "position", "pg_typeof",
            "pg_column_size", "ascii", "crc32", "crc32c", "isfinite", "sign", "cardinality", "array_ndims", "array_length", "array_upper", "array_lower",
            "array_dims", "array_append", "array_prepend", "array_to_string", "text", "varchar", "bpchar", "name", "xmltext", "hstore",
        ], StringComparer.Ordinal);

    /// <summary>Where the values are in the first argument only.</summary>
    private static readonly FrozenSet<string> InFirst = FrozenSet.ToFrozenSet(
        [
            "left", "right", "lpad", "rpad", "repeat", "split_part", "to_char", "encode", "round", "trunc", "ceil", "ceiling", "floor", "normalize", "regexp_replace",
            "json_extract_path", "json_extract_path_text", "jsonb_extract_path", "jsonb_extract_path_text", "lag", "lead", "first_value", "last_value", "nth_value", "age",
        ], StringComparer.Ordinal);

    /// <summary>Where the values are in the second argument only, after the name of a unit or zone.</summary>
    private static readonly FrozenSet<string> InSecond = FrozenSet.ToFrozenSet(["date_trunc", "date_part", "extract", "timezone"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> OperatorsEverywhere = FrozenSet.ToFrozenSet(
        ["=", "<>", "!=", "<", ">", "<=", ">=", "||", "@>", "<@", "&&", "^@", "~<~", "~<=~", "~>=~", "~>~"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> OperatorsInLeft = FrozenSet.ToFrozenSet(
        ["~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*", "->", "->>", "#>", "#>>", "?", "?|", "?&"], StringComparer.Ordinal);

    /// <summary>text, varchar, char(n), name, "char".</summary>
    private static readonly FrozenSet<uint> Texts = FrozenSet.ToFrozenSet<uint>([25, 1043, 1042, 19, 18]);

    /// <summary>Casts between types that hold every value of the other, or nearly: from, to.</summary>
    private static readonly FrozenSet<(uint, uint)> Widening = FrozenSet.ToFrozenSet<(uint, uint)>(
        [
            (21, 23), (21, 20), (21, 1700), (21, 700), (21, 701), (23, 20), (23, 1700), (23, 701), (23, 26), (20, 1700), (20, 701), (700, 701), (1700, 701),
            (1082, 1114), (1082, 1184), (1114, 1082), (1114, 1083), (1184, 1082), (1184, 1083), (1184, 1114), (1114, 1184), (16, 23), (23, 16), (114, Jsonb), (Jsonb, 114),
        ]);

    /// <summary>The usual aggregates and constructors, which keep nothing.</summary>
    private static readonly FrozenSet<string> Aggregates = FrozenSet.ToFrozenSet(
        [
            "count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "bool_and", "bool_or", "every",
            "unnest", "generate_series", "abs", "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_each", "jsonb_each_text", "string_to_array", "regexp_matches",
            "to_date", "to_timestamp", "to_number", "mode", "percentile_disc", "percentile_cont", "rank", "dense_rank", "row_number", "ntile", "xmlagg", "coalesce",
        ], StringComparer.Ordinal);

    /// <summary>Whether a function that goes by that name is one that keeps nothing, if it is PostgreSQL's own.</summary>
    public static bool IsName(string name) =>
        Everywhere.Contains(name) || InFirst.Contains(name) || InSecond.Contains(name) || Aggregates.Contains(name) || name is "substring" or "substr" or "format";

    /// <param name="candidates">What the name may mean.</param>
    public static bool Holds(ImmutableArray<CatalogFunction> candidates, string name, SqlNode call, List<Lineage> arguments)
    {
        foreach (CatalogFunction candidate in candidates)
        {
            if (!candidate.IsSystem && !(name == "hstore" && candidate.Extension == "hstore"))
                return false;
        }

        return Everywhere.Contains(name)
            || (InFirst.Contains(name) && IsOnlyIn(arguments, 0))
            || (InSecond.Contains(name) && IsOnlyIn(arguments, 1))
            || (name is "substring" or "substr" && IsOnlyIn(arguments, 0) && HasNumbers(call.List("args")))
            || (name == "format" && arguments.Count > 0 && arguments[0].Sources.IsEmpty && Constants.TextOf(call.List("args").FirstOrMissing) is { } template && !template.Contains('*', StringComparison.Ordinal));
    }

    /// <param name="kind">A_Expr_Kind of the tree.</param>
    public static bool Holds(string kind, string name, SqlNode node, Lineage left, Lineage right) => kind switch
    {
        "AEXPR_DISTINCT" or "AEXPR_NOT_DISTINCT" => true,
        "AEXPR_LIKE" or "AEXPR_ILIKE" or "AEXPR_SIMILAR" => right.Sources.IsEmpty,
        "AEXPR_OP" when node.Child("lexpr").Is("RowExpr") || node.Child("rexpr").Is("RowExpr") => false,
        "AEXPR_OP" => OperatorsEverywhere.Contains(name)
            || (right.Sources.IsEmpty && OperatorsInLeft.Contains(name))
            || (name == "-" && left.Type == Jsonb && right.Sources.IsEmpty)
            || IsSafeArithmetic(name, node, left, right),
        _ => false,
    };

    /// <param name="type">Of the result; 0 when not known.</param>
    public static bool Cast(uint type, bool hasModifier, Lineage value) =>
        Texts.Contains(type) || (!hasModifier && type != 0 && (type == value.Type || Widening.Contains((value.Type, type))));

    /// <summary>With a constant that is far from every limit of the type.</summary>
    private static bool IsSafeArithmetic(string name, SqlNode node, Lineage left, Lineage right)
    {
        const double far = 1e6;
        const double farther = 1e9;
        bool isLeft = right.Sources.IsEmpty;
        if (!isLeft && !left.Sources.IsEmpty || Constants.NumberOf(isLeft ? node.Child("rexpr") : node.Child("lexpr")) is not { } constant)
            return false;
        return (isLeft ? left : right).Type switch
        {
            // numeric and double precision
            1700 or 701 => Math.Abs(constant) <= farther && (name is "+" or "-" or "*" || (name == "/" && isLeft && Math.Abs(constant) > 1 / farther)),
            // integer, bigint and date
            23 or 20 or 1082 => Math.Abs(constant) <= far && (name is "+" or "-" || (name is "/" or "%" && isLeft && constant >= 1)),
            _ => false,
        };
    }

    private static bool IsOnlyIn(List<Lineage> arguments, int index)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            if (i != index && !arguments[i].Sources.IsEmpty)
                return false;
        }

        return true;
    }

    /// <summary>By position, not by a pattern.</summary>
    private static bool HasNumbers(SqlNodeList arguments)
    {
        for (int i = 1; i < arguments.Count; i++)
        {
            if (Constants.NumberOf(arguments[i]) is null || arguments[i].Has("sval"))
                return false;
        }

        return true;
    }
}
