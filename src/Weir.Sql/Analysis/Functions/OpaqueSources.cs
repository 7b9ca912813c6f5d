using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis.Functions;

/// <summary>Relations of the system and of extensions that can hold any column's values, or other people's statements.</summary>
internal static class OpaqueSources
{
    private static readonly Dictionary<string, string[]> Columns = new(StringComparer.Ordinal)
    {
        ["pg_statistic"] = ["*"],
        ["pg_statistic_ext_data"] = ["*"],
        ["pg_stats"] = ["most_common_vals", "histogram_bounds", "most_common_elems", "range_bounds_histogram", "range_length_histogram"],
        ["pg_stats_ext"] = ["most_common_vals", "most_common_val_nulls"],
        ["pg_stats_ext_exprs"] = ["most_common_vals", "histogram_bounds", "most_common_elems", "range_bounds_histogram", "range_length_histogram"],
        ["pg_stat_activity"] = ["query"],
        ["pg_largeobject"] = ["data"],
        ["pg_attribute"] = ["attmissingval"],
        ["pg_prepared_xacts"] = ["gid"],
        ["pg_hba_file_rules"] = ["*"],
        ["pg_ident_file_mappings"] = ["*"],
        ["pg_file_settings"] = ["*"],
        ["pg_subscription"] = ["subconninfo"],
        ["pg_user_mapping"] = ["umoptions"],
        ["pg_user_mappings"] = ["umoptions"],
        ["pg_authid"] = ["rolpassword"],
        ["pg_shadow"] = ["passwd"],
    };

    /// <summary>Views of extensions, in whichever schema they were made.</summary>
    private static readonly Dictionary<string, string[]> ExtensionColumns = new(StringComparer.Ordinal)
    {
        ["pg_stat_statements"] = ["query"],
    };

    /// <summary>
    /// An opaque column of which only a shown value matters (pg_dump reads it with everything else about columns): where it is only shown, its own column of
    /// the answer is unprovable, not the whole answer.
    /// </summary>
    public static bool IsHarmlessBeside(QualifiedName relation, string column) => relation is { Schema: "pg_catalog", Name: "pg_attribute" } && column == "attmissingval";

    public static bool IsOpaque(QualifiedName relation, string column)
    {
        if (relation.Schema == "pg_toast")
            return true;
        return relation.Schema == "pg_catalog" && Columns.TryGetValue(relation.Name, out string[]? columns) && Holds(columns, column)
            || ExtensionColumns.TryGetValue(relation.Name, out columns) && Holds(columns, column);
    }

    private static bool Holds(string[] columns, string column) => columns[0] == "*" || column == "*" || Array.IndexOf(columns, column) >= 0;
}
