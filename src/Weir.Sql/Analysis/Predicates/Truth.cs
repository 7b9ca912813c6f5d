using System.Globalization;
using Weir.Sql.Analysis.Ast;

namespace Weir.Sql.Analysis.Predicates;

/// <summary>The truth of conditions that hold no column: true, false or null, as far as constants tell.</summary>
internal enum Truth
{
    Open,
    True,
    False,
    Null,
}

/// <summary>Folds constant conditions in SQL's three-valued logic.</summary>
internal static class ConstantCondition
{
    public static Truth Of(SqlNode node, int depth = 0)
    {
        if (depth > 64)
            return Truth.Open;
        switch (node.Tag)
        {
            case "A_Const" when node.Flag("isnull"):
                return Truth.Null;
            case "A_Const" when node.Has("boolval"):
                return node.Plain("boolval", "Boolean").Flag("boolval") ? Truth.True : Truth.False;
            case "TypeCast" when node.Plain("typeName", "TypeName").Names("names") is [.., "bool"]:
                return Constants.IsNull(node) ? Truth.Null : BooleanText(Constants.TextOf(node));
            case "BoolExpr":
                return Connected(node, depth);
            case "A_Expr" when node.Text("kind") == "AEXPR_OP":
                return Compared(node);
            default:
                return Truth.Open;
        }
    }

    private static Truth BooleanText(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        "t" or "true" or "y" or "yes" or "on" or "1" => Truth.True,
        "f" or "false" or "n" or "no" or "off" or "0" => Truth.False,
        _ => Truth.Open,
    };

    private static Truth Connected(SqlNode node, int depth)
    {
        string op = node.Text("boolop");
        bool anyNull = false, anyOpen = false;
        Truth deciding = op == "OR_EXPR" ? Truth.True : Truth.False;
        foreach (SqlNode part in node.List("args"))
        {
            Truth truth = Of(part, depth + 1);
            if (op == "NOT_EXPR")
                return truth switch { Truth.True => Truth.False, Truth.False => Truth.True, _ => truth };
            if (truth == deciding)
                return deciding;
            anyNull |= truth == Truth.Null;
            anyOpen |= truth == Truth.Open;
        }

        return anyOpen ? Truth.Open : anyNull ? Truth.Null : deciding == Truth.True ? Truth.False : Truth.True;
    }

    private static Truth Compared(SqlNode node)
    {
        SqlNode left = node.Child("lexpr");
        SqlNode right = node.Child("rexpr");
        if (left.IsMissing || node.Names("name") is not [{ } op])
            return Truth.Open;
        if (left.Is("A_Const") && right.Is("A_Const") && (Constants.IsNull(left) || Constants.IsNull(right)))
            return Truth.Null;
        int? order = null;
        if (Constants.NumberOf(left) is { } a && Constants.NumberOf(right) is { } b && !Quoted(left) && !Quoted(right))
            order = a.CompareTo(b);
        else if (Quoted(left) && Quoted(right) && op is "=" or "<>")
            order = string.CompareOrdinal(Constants.TextOf(left), Constants.TextOf(right));
        if (order is not { } compared)
            return Truth.Open;
        return op switch
        {
            "=" => compared == 0,
            "<>" => compared != 0,
            "<" => compared < 0,
            "<=" => compared <= 0,
            ">" => compared > 0,
            ">=" => compared >= 0,
            _ => (bool?)null,
        } switch
        { true => Truth.True, false => Truth.False, null => Truth.Open };
    }

    private static bool Quoted(SqlNode node) => node.Is("A_Const") && node.Has("sval");
}
