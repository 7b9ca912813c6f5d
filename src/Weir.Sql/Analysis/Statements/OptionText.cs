using Weir.Sql.Analysis.Ast;

namespace Weir.Sql.Analysis.Statements;

/// <summary>Values of options in parentheses, such as EXPLAIN's.</summary>
internal static class OptionText
{
    /// <summary>A boolean option: without a value it is on, and so it is with one that isn't clearly off.</summary>
    public static bool IsOn(SqlNode option)
    {
        SqlNode argument = option.Child("arg");
        if (argument.IsMissing)
            return true;
        return Constants.TextOf(argument)?.ToLowerInvariant() is not ("off" or "false" or "0" or "no" or "f" or "n");
    }

    /// <summary>The value as text: a word, string or number.</summary>
    public static string? Of(SqlNode option)
    {
        SqlNode argument = option.Child("arg");
        return argument.Is("TypeName") ? argument.Names("names") is [.., { } name] ? name : null : Constants.TextOf(argument);
    }
}
