using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Walking;

/// <summary>
/// The view pg_settings where a condition leaves the row of one setting only: UPDATE, which a rule turns into set_config (manual, "pg_settings"), and
/// <c>SELECT set_config(name, …) FROM pg_settings WHERE name = '…'</c>, by which pg_dump and pgAdmin set what a server may not have.
/// </summary>
internal static class SettingsView
{
    public static void Look(Walk walk, CatalogRelation relation, SqlNode target, SqlNodeList assignments, SqlNode where)
    {
        if (!IsView(relation))
            return;
        walk.Findings.DependsOnLiterals = true;
        string? value = null;
        foreach (SqlNode assignment in assignments)
        {
            if (assignment.Text("name") == "setting")
                value = Constants.TextOf(assignment.Child("val"));
        }

        SqlNode alias = target.Plain("alias", "Alias");
        string known = alias.Exists ? alias.Text("aliasname") : relation.Name.Name;
        walk.Findings.Setting(new SettingChange(NameIn(walk, where, known) ?? "", value, IsLocal: false));
    }

    /// <summary>The row that a SELECT is about; null when there may be another one.</summary>
    public static SettingsRow? Row(Walk walk, SqlNode select, Scope scope)
    {
        SqlNodeList from = select.List("fromClause");
        if (from.Count != 1 || !from[0].Is("RangeVar") || from[0].Plain("alias", "Alias").List("colnames").Count > 0
            || scope.Items is not [{ Relations: [{ Catalog: { } catalog } relation] }] || !IsView(catalog)
            || NameIn(walk, select.Child("whereClause"), relation.Name) is not { } name)
        {
            return null;
        }

        return new SettingsRow(relation.Name, name);
    }

    /// <summary>Whether the expression is the name of the row's setting.</summary>
    public static bool IsName(SqlNode expression, string relation) =>
        expression.Is("ColumnRef") && expression.Names("fields") is ["name"] or [_, "name"] && (expression.Names("fields") is not [var qualifier, _] || qualifier == relation);

    private static bool IsView(CatalogRelation relation) => relation is { IsSystem: true, Name.Name: "pg_settings" };

    // Another operator of that name, or the name of another relation's column, would mean other rows.
    private static string? NameIn(Walk walk, SqlNode where, string relation) =>
        where.Is("A_Expr") && where.Text("kind") == "AEXPR_OP" && where.Names("name") is ["="] && walk.Names.Operators(["="], out _).IsEmpty
        && IsName(where.Child("lexpr"), relation)
            ? Constants.TextOf(where.Child("rexpr"))?.ToLowerInvariant()
            : null;
}
