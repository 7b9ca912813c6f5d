using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Walking;

/// <summary>UPDATE pg_settings, which a rule turns into set_config (manual, "pg_settings").</summary>
internal static class SettingsView
{
    public static void Look(Walk walk, CatalogRelation relation, SqlNodeList assignments, SqlNode where)
    {
        if (!relation.IsSystem || relation.Name.Name != "pg_settings")
            return;
        walk.Findings.DependsOnLiterals = true;
        string? value = null;
        foreach (SqlNode assignment in assignments)
        {
            if (assignment.Text("name") == "setting")
                value = Constants.TextOf(assignment.Child("val"));
        }

        string name = where.Is("A_Expr") && where.Text("kind") == "AEXPR_OP" && where.Names("name") is [.., "="]
            && where.Child("lexpr").Is("ColumnRef") && where.Child("lexpr").Names("fields") is [.., "name"]
            ? Constants.TextOf(where.Child("rexpr"))?.ToLowerInvariant() ?? ""
            : "";
        walk.Findings.Setting(new SettingChange(name, value, IsLocal: false));
    }
}
