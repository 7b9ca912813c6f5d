using System.Collections.Frozen;
using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis.Functions;

/// <summary>Functions in C that well-known extensions bring: what can't be read in the catalog is told here. Others may write unless they are immutable.</summary>
internal static class ExtensionFunctions
{
    /// <summary>Extensions whose functions give values and do nothing else, volatile ones included.</summary>
    private static readonly FrozenSet<string> ValuesOnly = FrozenSet.ToFrozenSet(
        [
            "btree_gin", "btree_gist", "citext", "cube", "dict_int", "dict_xsyn", "earthdistance", "fuzzystrmatch", "hstore", "intarray", "isn", "ltree", "pg_trgm",
            "pgcrypto", "plpgsql", "seg", "sslinfo", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp", "vector", "postgis", "postgis_raster",
            "postgis_topology", "h3", "hll", "pg_freespacemap", "pgstattuple", "pg_buffercache", "pgrowlocks", "bloom", "intagg", "moddatetime", "insert_username",
            "pg_visibility",
        ], StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, SystemFunction> ByExtension = new Dictionary<string, SystemFunction>(StringComparer.Ordinal)
    {
        ["dblink"] = new(Effects.Dynamic | Effects.Call, IsOpaque: true),
        ["xml2"] = new(Effects.None, IsOpaque: false),
        ["tablefunc"] = new(Effects.None, IsOpaque: false),
        ["adminpack"] = new(Effects.Program | Effects.Call, IsOpaque: true),
        ["pageinspect"] = new(Effects.Call, IsOpaque: true),
        ["pg_walinspect"] = new(Effects.Call, IsOpaque: true),
        ["pg_stat_statements"] = new(Effects.Call, IsOpaque: true),
        ["pg_prewarm"] = new(Effects.Maintenance | Effects.Call, IsOpaque: false),
        ["amcheck"] = new(Effects.Maintenance, IsOpaque: false),
        ["pg_surgery"] = new(Effects.Alter | Effects.Call, IsOpaque: false),
        ["autoinc"] = new(Effects.Update, IsOpaque: false),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Functions that run the text they are given.</summary>
    private static readonly FrozenSet<string> Dynamic = FrozenSet.ToFrozenSet(["crosstab", "crosstab2", "crosstab3", "crosstab4", "connectby", "xpath_table"], StringComparer.Ordinal);

    public static SystemFunction Find(string? extension, string name, FunctionVolatility volatility)
    {
        if (extension is null)
            return new SystemFunction(Effects.Call, IsOpaque: true);
        if (extension is "tablefunc" or "xml2" && (Dynamic.Contains(name) || name.StartsWith("crosstab", StringComparison.Ordinal)))
            return new SystemFunction(Effects.Dynamic | Effects.Call, IsOpaque: true);
        if (ByExtension.TryGetValue(extension, out SystemFunction? known))
            return known;
        return ValuesOnly.Contains(extension) || volatility == FunctionVolatility.Immutable
            ? SystemFunction.ReadsOnly
            : new SystemFunction(Effects.Call, IsOpaque: true);
    }
}
