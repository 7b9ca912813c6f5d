using System.Globalization;

namespace Weir.Sql.Analysis.Ast;

/// <summary>Reads constants of the tree.</summary>
internal static class Constants
{
    /// <summary>Text of a constant (string, number, boolean), also through casts; null when the node isn't one, or is NULL.</summary>
    public static string? TextOf(SqlNode node)
    {
        while (true)
        {
            switch (node.Tag)
            {
                case "TypeCast":
                    node = node.Child("arg");
                    continue;
                case "NamedArgExpr":
                    node = node.Child("arg");
                    continue;
                case "String":
                    return node.Text("sval");
                case "Integer":
                    return node.Number("ival").ToString(CultureInfo.InvariantCulture);
                case "Float":
                    return node.Text("fval");
                case "Boolean":
                    return node.Flag("boolval") ? "true" : "false";
                case "A_Const" when node.Flag("isnull"):
                    return null;
                case "A_Const" when node.Has("sval"):
                    return node.Plain("sval", "String").Text("sval");
                case "A_Const" when node.Has("ival"):
                    return node.Plain("ival", "Integer").Number("ival").ToString(CultureInfo.InvariantCulture);
                case "A_Const" when node.Has("fval"):
                    return node.Plain("fval", "Float").Text("fval");
                case "A_Const" when node.Has("boolval"):
                    return node.Plain("boolval", "Boolean").Flag("boolval") ? "true" : "false";
                case "A_Const" when node.Has("bsval"):
                    return node.Plain("bsval", "BitString").Text("bsval");
                default:
                    return null;
            }
        }
    }

    /// <summary>Value of a numeric constant, also through casts, signs, + - * and ^ of such; null otherwise.</summary>
    public static double? NumberOf(SqlNode node, int depth = 0)
    {
        if (depth > 32)
            return null;
        if (node.Is("A_Expr") && node.Text("kind") == "AEXPR_OP" && node.Names("name") is [.., { } op] && NumberOf(node.Child("rexpr"), depth + 1) is { } right)
        {
            if (node.Child("lexpr").IsMissing)
                return op == "-" ? -right : op == "+" ? right : null;
            return NumberOf(node.Child("lexpr"), depth + 1) is { } left
                ? op switch { "+" => left + right, "-" => left - right, "*" => left * right, "/" when right != 0 => left / right, "^" => Math.Pow(left, right), _ => null }
                : null;
        }

        return TextOf(node) is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    /// <summary>One constant or parameter, perhaps cast.</summary>
    public static bool IsConstant(SqlNode node) => node.Is("TypeCast") ? IsConstant(node.Child("arg")) : node.Is("A_Const") || node.Is("ParamRef");

    public static bool IsNull(SqlNode node) => node.Is("TypeCast") ? IsNull(node.Child("arg")) : node.Is("A_Const") && node.Flag("isnull");
}
