using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Statements;

/// <summary>SET, RESET, SHOW and DISCARD.</summary>
internal static class SettingWalker
{
    public static StatementParts Set(Findings findings, SqlNode node)
    {
        findings.Effect(Effects.Session);
        findings.DependsOnLiterals = true;
        string name = node.Text("name").ToLowerInvariant();
        bool isLocal = node.Flag("is_local");
        switch (node.Text("kind"))
        {
            case "VAR_SET_VALUE" or "":
                findings.Setting(new SettingChange(name, Value(name, node.List("args")), isLocal));
                return new StatementParts("SET");
            case "VAR_SET_DEFAULT" or "VAR_SET_CURRENT":
                findings.Setting(new SettingChange(name, null, isLocal));
                return new StatementParts("SET");
            case "VAR_SET_MULTI":
                return Multiple(findings, node, name);
            case "VAR_RESET":
                findings.Setting(new SettingChange(name, null, isLocal));
                return new StatementParts("RESET");
            case "VAR_RESET_ALL":
                findings.Setting(new SettingChange("*", null, isLocal));
                return new StatementParts("RESET");
            default:
                findings.Unknown("The analysis does not know this form of SET.");
                return new StatementParts("SET");
        }
    }

    public static StatementParts Show(Findings findings, SqlNode node)
    {
        findings.Effect(Effects.Read);
        string name = node.Text("name").ToLowerInvariant();
        if (name == "all")
        {
            return new StatementParts("SHOW")
            {
                Result = new QueryResult([new OutputColumn("name", Lineage.None), new OutputColumn("setting", Lineage.None), new OutputColumn("description", Lineage.None)], IsComplete: true),
            };
        }

        // A setting with a dot is anybody's: it holds what was put into it.
        bool isOwn = name.Contains('.', StringComparison.Ordinal);
        findings.ReadsOpaqueSource |= isOwn;
        return new StatementParts("SHOW")
        {
            Result = new QueryResult([new OutputColumn(node.Text("name"), isOwn ? Lineage.Unknown : Lineage.None)], IsComplete: true),
        };
    }

    public static StatementParts Discard(Findings findings, SqlNode node)
    {
        findings.Effect(Effects.Session);
        switch (node.Text("target"))
        {
            case "DISCARD_ALL" or "":
                findings.Setting(new SettingChange("*", null, IsLocal: false));
                findings.ChangesTemporaryObjects = true;
                return new StatementParts("DISCARD ALL") { CanRunInTransaction = false, PreparedName = "*", CursorName = "*" };
            case "DISCARD_TEMP":
                findings.ChangesTemporaryObjects = true;
                return new StatementParts("DISCARD TEMP");
            case "DISCARD_SEQUENCES":
                return new StatementParts("DISCARD SEQUENCES");
            case "DISCARD_PLANS":
                return new StatementParts("DISCARD PLANS");
            default:
                findings.Unknown("The analysis does not know this form of DISCARD.");
                return new StatementParts("DISCARD");
        }
    }

    /// <summary>Value of a setting as text; lists of names are quoted, as the server keeps them.</summary>
    public static string? Value(string name, SqlNodeList arguments)
    {
        bool isNames = name is "search_path" or "temp_tablespaces" or "session_preload_libraries" or "local_preload_libraries";
        var parts = new List<string>();
        foreach (SqlNode argument in arguments)
        {
            if (Constants.TextOf(argument) is not { } part)
                return null;
            parts.Add(isNames ? '"' + part.Replace("\"", "\"\"", StringComparison.Ordinal) + '"' : part);
        }

        return string.Join(", ", parts);
    }

    private static StatementParts Multiple(Findings findings, SqlNode node, string name)
    {
        findings.Effect(Effects.Transaction);
        switch (name)
        {
            case "transaction":
                TransactionWalker.Modes(findings, node.List("args"), "");
                break;
            case "session characteristics":
                TransactionWalker.Modes(findings, node.List("args"), "default_");
                break;
            case "transaction snapshot":
                break;
            default:
                findings.Unknown("The analysis does not know this form of SET.");
                break;
        }

        return new StatementParts("SET") { Transaction = TransactionAction.Characteristics };
    }
}
