namespace Weir.Sql.Analysis.Statements;

/// <summary>Command tags as PostgreSQL spells them.</summary>
internal static class CommandTags
{
    /// <summary>The kind of object in a tag, such as <c>TABLE</c> in <c>DROP TABLE</c>; null for a kind that this doesn't know.</summary>
    public static string? ObjectName(string objectType) => objectType switch
    {
        "OBJECT_ACCESS_METHOD" => "ACCESS METHOD",
        "OBJECT_AGGREGATE" => "AGGREGATE",
        "OBJECT_AMOP" or "OBJECT_AMPROC" or "OBJECT_OPFAMILY" => "OPERATOR FAMILY",
        "OBJECT_ATTRIBUTE" or "OBJECT_TYPE" => "TYPE",
        "OBJECT_CAST" => "CAST",
        "OBJECT_COLUMN" or "OBJECT_TABCONSTRAINT" or "OBJECT_TABLE" or "OBJECT_DEFAULT" => "TABLE",
        "OBJECT_COLLATION" => "COLLATION",
        "OBJECT_CONVERSION" => "CONVERSION",
        "OBJECT_DATABASE" => "DATABASE",
        "OBJECT_DEFACL" => "DEFAULT PRIVILEGES",
        "OBJECT_DOMAIN" or "OBJECT_DOMCONSTRAINT" => "DOMAIN",
        "OBJECT_EVENT_TRIGGER" => "EVENT TRIGGER",
        "OBJECT_EXTENSION" => "EXTENSION",
        "OBJECT_FDW" => "FOREIGN DATA WRAPPER",
        "OBJECT_FOREIGN_SERVER" => "SERVER",
        "OBJECT_FOREIGN_TABLE" => "FOREIGN TABLE",
        "OBJECT_FUNCTION" => "FUNCTION",
        "OBJECT_INDEX" => "INDEX",
        "OBJECT_LANGUAGE" => "LANGUAGE",
        "OBJECT_LARGEOBJECT" => "LARGE OBJECT",
        "OBJECT_MATVIEW" => "MATERIALIZED VIEW",
        "OBJECT_OPCLASS" => "OPERATOR CLASS",
        "OBJECT_OPERATOR" => "OPERATOR",
        "OBJECT_PARAMETER_ACL" => "PARAMETER",
        "OBJECT_POLICY" => "POLICY",
        "OBJECT_PROCEDURE" => "PROCEDURE",
        "OBJECT_PUBLICATION" or "OBJECT_PUBLICATION_NAMESPACE" or "OBJECT_PUBLICATION_REL" => "PUBLICATION",
        "OBJECT_ROLE" => "ROLE",
        "OBJECT_ROUTINE" => "ROUTINE",
        "OBJECT_RULE" => "RULE",
        "OBJECT_SCHEMA" => "SCHEMA",
        "OBJECT_SEQUENCE" => "SEQUENCE",
        "OBJECT_SUBSCRIPTION" => "SUBSCRIPTION",
        "OBJECT_STATISTIC_EXT" => "STATISTICS",
        "OBJECT_TABLESPACE" => "TABLESPACE",
        "OBJECT_TRANSFORM" => "TRANSFORM",
        "OBJECT_TRIGGER" => "TRIGGER",
        "OBJECT_TSCONFIGURATION" => "TEXT SEARCH CONFIGURATION",
        "OBJECT_TSDICTIONARY" => "TEXT SEARCH DICTIONARY",
        "OBJECT_TSPARSER" => "TEXT SEARCH PARSER",
        "OBJECT_TSTEMPLATE" => "TEXT SEARCH TEMPLATE",
        "OBJECT_USER_MAPPING" => "USER MAPPING",
        "OBJECT_VIEW" => "VIEW",
        _ => null,
    };

    public static bool IsRelation(string objectType) =>
        objectType is "OBJECT_TABLE" or "OBJECT_VIEW" or "OBJECT_MATVIEW" or "OBJECT_SEQUENCE" or "OBJECT_INDEX" or "OBJECT_FOREIGN_TABLE";

    /// <summary>Objects that belong to a relation, which their name follows.</summary>
    public static bool IsOnRelation(string objectType) => objectType is "OBJECT_TRIGGER" or "OBJECT_RULE" or "OBJECT_POLICY" or "OBJECT_COLUMN" or "OBJECT_TABCONSTRAINT";
}
