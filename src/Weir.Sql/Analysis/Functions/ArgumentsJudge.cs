using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Functions;

/// <summary>Calls of PostgreSQL's own functions whose meaning depends on the values of their arguments.</summary>
internal static class ArgumentsJudge
{
    private const double LargeBytes = 16 * 1024 * 1024;
    private const double ManyRows = 10_000_000;
    private const double LongSeconds = 10;

    public static void Look(Walk walk, string name, SqlNode call, List<Lineage> arguments)
    {
        SqlNodeList nodes = call.List("args");
        switch (name)
        {
            case "set_config":
                SetConfig(walk, nodes);
                break;
            case "current_setting":
                // Settings with a dot are anybody's; others are the server's own.
                walk.Findings.DependsOnLiterals = true;
                if (nodes.Count == 0 || Constants.TextOf(nodes[0]) is not { } setting || setting.Contains('.', StringComparison.Ordinal))
                    walk.Findings.ReadsOpaqueSource = true;
                break;
            case "repeat" or "lpad" or "rpad" or "array_fill":
                walk.Findings.DependsOnLiterals = true;
                walk.Findings.MayExhaustServer |= Length(call) >= LargeBytes;
                break;
            case "generate_series" when nodes.Count >= 2:
                walk.Findings.DependsOnLiterals = true;
                walk.Findings.MayExhaustServer |= Constants.NumberOf(nodes[0]) is { } from && Constants.NumberOf(nodes[1]) is { } to && Math.Abs(to - from) >= ManyRows;
                break;
            case "pg_sleep":
                walk.Findings.DependsOnLiterals = true;
                walk.Findings.MayExhaustServer |= nodes.Count == 0 || Constants.NumberOf(nodes[0]) is not < LongSeconds;
                break;
            case "pg_sleep_for" or "pg_sleep_until":
                walk.Findings.MayExhaustServer = true;
                break;
        }
    }

    /// <summary>About how long a text becomes; 1 where it isn't known.</summary>
    private static double Length(SqlNode node, int depth = 0)
    {
        if (depth > 16)
            return LargeBytes;
        if (node.Is("TypeCast"))
            return Length(node.Child("arg"), depth + 1);
        if (node.Is("FuncCall"))
        {
            SqlNodeList arguments = node.List("args");
            switch (node.Names("funcname") is [.., { } name] ? name : "")
            {
                case "repeat" when arguments.Count == 2:
                    return Math.Max(1, Length(arguments[0], depth + 1)) * (Constants.NumberOf(arguments[1]) ?? 1);
                case "lpad" or "rpad" when arguments.Count >= 2:
                    return Constants.NumberOf(arguments[1]) ?? 1;
                case "array_fill" when arguments.Count >= 2 && arguments[1].Is("A_ArrayExpr"):
                    double count = 1;
                    foreach (SqlNode dimension in arguments[1].List("elements"))
                        count *= Constants.NumberOf(dimension) ?? 1;
                    return count * Math.Max(1, Length(arguments[0], depth + 1));
            }
        }

        return Constants.TextOf(node) is { } text ? text.Length : 1;
    }

    private static void SetConfig(Walk walk, SqlNodeList nodes)
    {
        walk.Findings.DependsOnLiterals = true;
        string setting = nodes.Count == 0 ? ""
            : walk.SettingsRow is { } row && SettingsView.IsName(nodes[0], row.Relation) ? row.Setting
            : Constants.TextOf(nodes[0])?.ToLowerInvariant() ?? "";
        string? value = nodes.Count > 1 ? Constants.TextOf(nodes[1]) : null;
        bool isLocal = nodes.Count > 2 && Constants.TextOf(nodes[2]) is "true" or "t" or "on" or "1" or "yes" or "y";
        walk.Findings.Setting(new SettingChange(setting, value, isLocal));
    }
}
