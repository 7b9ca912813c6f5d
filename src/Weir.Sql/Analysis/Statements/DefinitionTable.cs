using System.Collections.Frozen;
using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis.Statements;

/// <summary>Definitions that need no look at more than their kind.</summary>
internal static class DefinitionTable
{
    public static FrozenDictionary<string, (Effects Effects, string Tag, bool CanRunInTransaction)> Statements { get; } =
        new Dictionary<string, (Effects, string, bool)>(StringComparer.Ordinal)
        {
            ["AlterCollationStmt"] = (Effects.Alter, "ALTER COLLATION", true),
            ["AlterDatabaseRefreshCollStmt"] = (Effects.Alter, "ALTER DATABASE", true),
            ["AlterDatabaseSetStmt"] = (Effects.Alter, "ALTER DATABASE", true),
            ["AlterDefaultPrivilegesStmt"] = (Effects.Grant, "ALTER DEFAULT PRIVILEGES", true),
            ["AlterDomainStmt"] = (Effects.Alter, "ALTER DOMAIN", true),
            ["AlterEnumStmt"] = (Effects.Alter, "ALTER TYPE", true),
            ["AlterEventTrigStmt"] = (Effects.Alter, "ALTER EVENT TRIGGER", true),
            ["AlterExtensionContentsStmt"] = (Effects.Alter, "ALTER EXTENSION", true),
            ["AlterExtensionStmt"] = (Effects.Alter, "ALTER EXTENSION", true),
            ["AlterFdwStmt"] = (Effects.Alter, "ALTER FOREIGN DATA WRAPPER", true),
            ["AlterForeignServerStmt"] = (Effects.Alter, "ALTER SERVER", true),
            ["AlterFunctionStmt"] = (Effects.Alter, "ALTER FUNCTION", true),
            ["AlterOpFamilyStmt"] = (Effects.Alter, "ALTER OPERATOR FAMILY", true),
            ["AlterOperatorStmt"] = (Effects.Alter, "ALTER OPERATOR", true),
            ["AlterPublicationStmt"] = (Effects.Alter | Effects.Replication, "ALTER PUBLICATION", true),
            ["AlterRoleSetStmt"] = (Effects.Alter | Effects.Grant, "ALTER ROLE", true),
            ["AlterRoleStmt"] = (Effects.Alter | Effects.Grant, "ALTER ROLE", true),
            ["AlterSeqStmt"] = (Effects.Alter, "ALTER SEQUENCE", true),
            ["AlterStatsStmt"] = (Effects.Alter, "ALTER STATISTICS", true),
            ["AlterSubscriptionStmt"] = (Effects.Alter | Effects.Replication, "ALTER SUBSCRIPTION", false),
            ["AlterSystemStmt"] = (Effects.Alter | Effects.Maintenance, "ALTER SYSTEM", false),
            ["AlterTSConfigurationStmt"] = (Effects.Alter, "ALTER TEXT SEARCH CONFIGURATION", true),
            ["AlterTSDictionaryStmt"] = (Effects.Alter, "ALTER TEXT SEARCH DICTIONARY", true),
            ["AlterTableMoveAllStmt"] = (Effects.Alter, "ALTER TABLE", true),
            ["AlterTableSpaceOptionsStmt"] = (Effects.Alter, "ALTER TABLESPACE", true),
            ["AlterTypeStmt"] = (Effects.Alter, "ALTER TYPE", true),
            ["AlterUserMappingStmt"] = (Effects.Alter, "ALTER USER MAPPING", true),
            ["CompositeTypeStmt"] = (Effects.Create, "CREATE TYPE", true),
            ["CreateAmStmt"] = (Effects.Create | Effects.Program, "CREATE ACCESS METHOD", true),
            ["CreateCastStmt"] = (Effects.Create, "CREATE CAST", true),
            ["CreateConversionStmt"] = (Effects.Create, "CREATE CONVERSION", true),
            ["CreateDomainStmt"] = (Effects.Create, "CREATE DOMAIN", true),
            ["CreateEnumStmt"] = (Effects.Create, "CREATE TYPE", true),
            ["CreateEventTrigStmt"] = (Effects.Create, "CREATE EVENT TRIGGER", true),
            ["CreateExtensionStmt"] = (Effects.Create | Effects.Program, "CREATE EXTENSION", true),
            ["CreateFdwStmt"] = (Effects.Create | Effects.Program, "CREATE FOREIGN DATA WRAPPER", true),
            ["CreateForeignServerStmt"] = (Effects.Create, "CREATE SERVER", true),
            ["CreateOpClassStmt"] = (Effects.Create, "CREATE OPERATOR CLASS", true),
            ["CreateOpFamilyStmt"] = (Effects.Create, "CREATE OPERATOR FAMILY", true),
            ["CreatePLangStmt"] = (Effects.Create | Effects.Program, "CREATE LANGUAGE", true),
            ["CreatePublicationStmt"] = (Effects.Create | Effects.Replication, "CREATE PUBLICATION", true),
            ["CreateRangeStmt"] = (Effects.Create, "CREATE TYPE", true),
            ["CreateStatsStmt"] = (Effects.Create, "CREATE STATISTICS", true),
            ["CreateSubscriptionStmt"] = (Effects.Create | Effects.Replication, "CREATE SUBSCRIPTION", false),
            ["CreateTableSpaceStmt"] = (Effects.Create | Effects.Program, "CREATE TABLESPACE", false),
            ["CreateTransformStmt"] = (Effects.Create, "CREATE TRANSFORM", true),
            ["CreateUserMappingStmt"] = (Effects.Create, "CREATE USER MAPPING", true),
            ["CreatedbStmt"] = (Effects.Create, "CREATE DATABASE", false),
            ["DropOwnedStmt"] = (Effects.Drop | Effects.Grant, "DROP OWNED", true),
            ["DropRoleStmt"] = (Effects.Drop | Effects.Grant, "DROP ROLE", true),
            ["DropTableSpaceStmt"] = (Effects.Drop, "DROP TABLESPACE", false),
            ["DropUserMappingStmt"] = (Effects.Drop, "DROP USER MAPPING", true),
            ["DropdbStmt"] = (Effects.Drop, "DROP DATABASE", false),
            ["GrantRoleStmt"] = (Effects.Grant, "GRANT ROLE", true),
            ["ImportForeignSchemaStmt"] = (Effects.Create, "IMPORT FOREIGN SCHEMA", true),
            ["ReassignOwnedStmt"] = (Effects.Alter | Effects.Grant, "REASSIGN OWNED", true),
        }.ToFrozenDictionary(StringComparer.Ordinal);
}
