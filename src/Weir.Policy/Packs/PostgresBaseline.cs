using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Policy.Documents;
using static Weir.Policy.Packs.PackRules;

namespace Weir.Policy.Packs;

/// <summary>
/// <c>postgres-baseline</c>: reading and bounded changes of rows pass; what destroys, is unbounded, changes privileges, reaches the server itself or
/// runs code that can't be looked into does not. Most of it is beyond access level <c>write</c> anyway; the rules hold for <c>admin</c> too.
/// </summary>
internal static class PostgresBaseline
{
    private const Effects RowWrites = Analysis.Effects.Insert | Analysis.Effects.Update | Analysis.Effects.Delete | Analysis.Effects.Merge
        | Analysis.Effects.Truncate | Analysis.Effects.CopyIn;

    private const string AskDba = "Ask a database administrator, or an owner of the rule for an exception.";

    public static Pack Pack { get; } = new(
        "postgres-baseline",
        1,
        "Reading and bounded changes of rows pass; destruction, unbounded writes, privileges, server access and opaque code do not.",
        PrincipalSelector.All,
        NeedsWindow: false,
        [.. Data(), .. Structure(), .. Server(), .. Code(), .. Session()]);

    private static ImmutableArray<PackRule> Data() =>
    [
        Deny(
            "destructive-ddl",
            Effects(Analysis.Effects.Drop | Analysis.Effects.Truncate) with { SparesTemporary = true },
            "it drops or empties objects of the database",
            "Ship a migration, or delete the rows you mean with a WHERE clause."),
        Deny(
            "unbounded-writes",
            new(GuardrailConditions.None with { Effects = Analysis.Effects.Update | Analysis.Effects.Delete | Analysis.Effects.Merge, WithoutWhere = true }) { SparesTemporary = true },
            "no real predicate limits the rows that it changes",
            "Add a WHERE clause that names the rows by key or by values, and that can be false."),
        Deny(
            "catalog-writes",
            new(GuardrailConditions.None with { Effects = RowWrites, Relations = ["pg_catalog.*", "information_schema.*", "pg_toast.*"] }),
            "it writes to system catalogs",
            "Use the command that changes such an object (ALTER, SET …) instead of its catalog row."),
        Review(
            "positioned-writes",
            new(GuardrailConditions.None with
            {
                Effects = Analysis.Effects.Update | Analysis.Effects.Delete,
                StatementPattern = @"(?is)\bcurrent\s*(--[^\n]*\n\s*|/\*.*\*/\s*)*of\b",
            }),
            "it changes the row under a cursor, so its statements may add up to the whole table",
            "Name the rows in a WHERE clause."),
        Deny(
            "large-objects",
            Functions("lo_*", "loread", "lowrite"),
            "it reads or writes large objects, whose content no rule can see",
            "Keep such content in a bytea column."),
    ];

    private static ImmutableArray<PackRule> Structure() =>
    [
        Deny("privilege-changes", Effects(Analysis.Effects.Grant), "it changes privileges", AskDba),
        Deny(
            "roles-and-policies",
            Commands("* ROLE", "* USER", "* GROUP", "* POLICY", "ALTER DEFAULT PRIVILEGES", "REASSIGN OWNED", "DROP OWNED", "SECURITY LABEL", "ALTER SYSTEM", "* DATABASE", "* TABLESPACE"),
            "it changes roles, policies, databases or the server's configuration",
            AskDba),
        Deny(
            "extensions-and-servers",
            Commands(
                "* EXTENSION", "LOAD", "* LANGUAGE", "* SERVER", "* FOREIGN DATA WRAPPER", "* USER MAPPING", "* SUBSCRIPTION", "* PUBLICATION",
                "IMPORT FOREIGN SCHEMA", "* FOREIGN TABLE", "* ACCESS METHOD"),
            "it loads code into the server or connects it to another one",
            AskDba),
        Review(
            "code-definitions",
            Commands("* FUNCTION", "* PROCEDURE", "* ROUTINE", "* TRIGGER", "* EVENT TRIGGER", "* RULE", "* CAST", "* OPERATOR*", "* AGGREGATE", "* TRANSFORM", "* CONVERSION"),
            "it defines code that later statements will run unseen",
            "Ship it with a migration, or wait for the review."),
        Review(
            "schema-changes",
            Effects(Analysis.Effects.Create | Analysis.Effects.Alter) with { SparesTemporary = true },
            "it changes the schema",
            "Ship a migration, or wait for the review."),
        Review(
            "maintenance",
            Effects(Analysis.Effects.Maintenance),
            "maintenance takes locks and rewrites tables",
            "Leave it to autovacuum, or wait for the review."),
    ];

    private static ImmutableArray<PackRule> Server() =>
    [
        Deny(
            "server-programs",
            Effects(Analysis.Effects.Program),
            "it runs a program on the database server, or reads or writes its files",
            "Use COPY … FROM STDIN or TO STDOUT, and keep files on your side."),
        Deny(
            "server-files",
            Functions(
                "pg_read_file*", "pg_read_binary_file*", "pg_read_server_file*", "pg_stat_file*", "pg_ls_*", "pg_file_*", "pg_logdir_ls", "pg_current_logfile",
                "pg_hba_file_rules", "pg_ident_file_mappings", "pg_show_all_file_settings", "pg_log_backend_memory_contexts", "file_fdw_*"),
            "it reads or writes files of the database server",
            "Use COPY … FROM STDIN or TO STDOUT, and keep files on your side."),
        Deny(
            "server-secrets",
            new(GuardrailConditions.None with
            {
                Effects = Analysis.Effects.Read,
                Relations =
                [
                    "pg_catalog.pg_authid", "pg_catalog.pg_shadow", "pg_catalog.pg_file_settings", "pg_catalog.pg_hba_file_rules", "pg_catalog.pg_ident_file_mappings",
                    "pg_catalog.pg_largeobject", "pg_catalog.pg_user_mapping",
                ],
            }),
            "it reads password hashes, the server's configuration files or large objects",
            "Read pg_roles and pg_settings instead."),
        Deny(
            "superuser-functions",
            Functions(
                "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_rotate_logfile*", "pg_promote", "pg_switch_wal", "pg_switch_xlog",
                "pg_create_restore_point", "pg_backup_*", "pg_start_backup*", "pg_stop_backup*", "pg_wal_replay_*", "pg_xlog_replay_*", "pg_logical_emit_message",
                "pg_stat_reset*", "pg_stat_statements_reset*", "pg_import_system_collations", "pg_nextoid", "pg_stop_making_pinned_objects", "binary_upgrade_*",
                "pg_set_*_stats", "pg_set_attribute_stats", "pg_set_relation_stats", "pg_clear_*_stats", "pg_restore_*_stats", "pg_wal_summar*", "pg_get_wal_*",
                "heap_force_*", "pg_truncate_visibility_map", "get_raw_page*", "pg_buffercache_evict*", "pg_prewarm*", "brin_summarize_*", "brin_desummarize_*",
                "gin_clean_pending_list", "pg_sync_replication_slots", "pg_extension_config_dump"),
            "it calls a function that controls the server",
            AskDba),
        Deny(
            "replication",
            Functions(
                "pg_create_*_replication_slot", "pg_drop_replication_slot", "pg_copy_*_replication_slot", "pg_replication_slot_advance",
                "pg_replication_origin_*", "pg_logical_slot_*", "pg_wal_inspect*"),
            "it controls replication, or reads what others changed",
            AskDba),
        Deny("replication-commands", Effects(Analysis.Effects.Replication), "it is a command of the replication protocol", AskDba),
        Deny(
            "two-phase",
            Commands("PREPARE TRANSACTION", "COMMIT PREPARED", "ROLLBACK PREPARED"),
            "a prepared transaction outlives its session and keeps its locks",
            "Use COMMIT."),
    ];

    private static ImmutableArray<PackRule> Code() =>
    [
        Deny(
            "procedural-code",
            Effects(Analysis.Effects.Dynamic),
            "it runs code whose effect can't be known beforehand",
            "Send the statements themselves, one by one."),
        Deny(
            "query-functions",
            Functions(
                "dblink*", "query_to_xml*", "cursor_to_xml*", "table_to_xml*", "schema_to_xml*", "database_to_xml*", "ts_stat", "ts_rewrite", "crosstab*", "connectby",
                "xpath_table", "pg_background_*", "plv8_*", "http_*", "http"),
            "it calls a function that runs a text as a query, or talks to another server",
            "Write the query itself."),
        Deny(
            "notify-rows",
            Functions("pg_notify") with { ReadsRelations = true },
            "it sends rows to other sessions",
            "Send a key instead, and let the other side read the row."),
        Deny(
            "procedure-calls",
            Commands("CALL"),
            "a procedure may commit what it did before anybody could undo it",
            "Send the statements themselves, or ask for an allow rule that names the procedure."),
        Review(
            "function-calls",
            Effects(Analysis.Effects.Call),
            "it calls a function that may write",
            "Wait for the review, or ask for an allow rule that names the function."),
    ];

    private static ImmutableArray<PackRule> Session() =>
    [
        Deny("explicit-lock", Commands("LOCK TABLE", "LOCK"), "it locks a table by hand", "Use SELECT … FOR UPDATE on the rows you need."),
        Deny("long-sleep", Functions("pg_sleep*"), "it keeps a connection busy with waiting", "Wait on your side."),
        Review(
            "huge-values",
            new(GuardrailConditions.None with { Functions = ["repeat", "lpad", "rpad"], StatementPattern = @"[0-9][0-9_]{7,}|[0-9]\s*\*\s*[0-9]{4,}|(?i)[0-9]e[0-9]{1,2}\b" }),
            "it may build a value or an answer of enormous size",
            "Use smaller numbers."),
        Deny(
            "session-authority",
            Settings("role", "session_authorization", "session_replication_role", "is_superuser", "row_security=off", "allow_system_table_mods", "zero_damaged_pages",
                "ignore_system_indexes", "ignore_checksum_failure", "local_preload_libraries", "session_preload_libraries", "dynamic_library_path",
                "lo_compat_privileges", "createrole_self_grant", "restrict_nonsystem_relation_kind"),
            "it changes who the session acts as, or switches protection off",
            "Use a connection whose access covers what you need."),
        Deny(
            "text-settings",
            Settings("standard_conforming_strings=off", "backslash_quote=on", "array_nulls=off", "transform_null_equals=on"),
            "it changes how the server reads the text of statements",
            "Leave the setting at its default."),
        Deny(
            "audit-settings",
            Settings("log_*", "track_*", "debug_*", "auto_explain.*", "pgaudit.*", "pg_stat_statements.*", "event_triggers"),
            "it changes what the server logs or counts",
            AskDba),
    ];
}
