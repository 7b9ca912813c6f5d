using System.Collections.Frozen;
using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis.Functions;

/// <summary>
/// What PostgreSQL's own functions do beyond giving a value. A function that is immutable or stable and not named here only reads; a volatile one
/// that is not named here may write.
/// </summary>
internal static class SystemFunctions
{
    private static readonly FrozenDictionary<string, SystemFunction> Known = Build();

    /// <summary>Functions whose volatility only says that they must be evaluated each time.</summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.ToFrozenSet(
        [
            "random", "random_normal", "setseed", "gen_random_uuid", "uuidv4", "uuidv7", "clock_timestamp", "timeofday", "currval", "lastval", "current_query",
            "pg_sleep", "pg_sleep_for", "pg_sleep_until", "amvalidate", "bernoulli", "system", "currtid2", "pg_blocking_pids", "pg_safe_snapshot_blocking_pids",
            "pg_collation_actual_version", "pg_database_collation_actual_version", "pg_control_checkpoint", "pg_control_init", "pg_control_recovery",
            "pg_control_system", "pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_lsn", "pg_database_size", "pg_export_snapshot",
            "pg_get_backend_memory_contexts", "pg_get_multixact_members", "pg_get_shmem_allocations", "pg_get_shmem_allocations_numa",
            "pg_get_wal_replay_pause_state", "pg_get_wal_resource_managers", "pg_get_wal_summarizer_state", "pg_available_wal_summaries", "pg_indexes_size",
            "pg_is_in_recovery", "pg_is_wal_replay_paused", "pg_isolation_test_session_is_blocked", "pg_jit_available", "pg_last_committed_xact",
            "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp", "pg_lock_status", "pg_notification_queue_usage",
            "pg_partition_ancestors", "pg_partition_tree", "pg_partition_root", "pg_prepared_xact", "pg_relation_size", "pg_replication_origin_progress",
            "pg_replication_origin_session_is_setup", "pg_replication_origin_session_progress", "pg_sequence_last_value", "pg_get_sequence_data",
            "pg_show_replication_origin_status", "pg_stat_clear_snapshot", "pg_stat_force_next_flush", "pg_stat_get_recovery_prefetch", "pg_stat_have_stats",
            "pg_table_size", "pg_tablespace_size", "pg_total_relation_size", "pg_xact_commit_timestamp", "pg_xact_commit_timestamp_origin", "pg_xact_status",
            "txid_status", "pg_get_loaded_modules", "pg_get_aios", "pg_numa_available", "pg_get_acl", "pg_current_logfile", "pg_stat_get_backend_io", "pg_stat_get_io",
            "suppress_redundant_updates_trigger", "tsvector_update_trigger", "tsvector_update_trigger_column", "unique_key_recheck",
            "dsnowball_init", "dsnowball_lexize",
        ], StringComparer.Ordinal);

    public static SystemFunction Find(string name, FunctionVolatility volatility, int argumentCount)
    {
        if (name == "ts_rewrite" && argumentCount == 3)
            return SystemFunction.ReadsOnly;
        if (Known.TryGetValue(name, out SystemFunction? known))
            return known;
        if (volatility is FunctionVolatility.Immutable or FunctionVolatility.Stable)
            return SystemFunction.ReadsOnly;
        if (Harmless.Contains(name) || name.StartsWith("pg_stat_get_", StringComparison.Ordinal) || name.StartsWith("RI_FKey_", StringComparison.Ordinal))
            return SystemFunction.ReadsOnly;
        return name.StartsWith("binary_upgrade_", StringComparison.Ordinal) ? SystemFunction.Alters : SystemFunction.MayWriteAnything;
    }

    private static FrozenDictionary<string, SystemFunction> Build()
    {
        var known = new Dictionary<string, SystemFunction>(StringComparer.Ordinal);
        Add(new SystemFunction(Effects.Program, IsOpaque: true),
            "pg_read_file", "pg_read_binary_file", "pg_read_file_old", "pg_stat_file", "pg_ls_dir", "pg_ls_logdir", "pg_ls_waldir", "pg_ls_tmpdir",
            "pg_ls_archive_statusdir", "pg_ls_logicalmapdir", "pg_ls_logicalsnapdir", "pg_ls_replslotdir", "pg_ls_summariesdir", "pg_hba_file_rules",
            "pg_ident_file_mappings", "pg_show_all_file_settings", "pg_logdir_ls", "pg_file_read", "pg_file_length", "pg_wal_summary_contents");
        Add(new SystemFunction(Effects.Program | Effects.Call, IsOpaque: true),
            "lo_import", "lo_export", "pg_file_write", "pg_file_rename", "pg_file_unlink", "pg_file_sync", "pg_logfile_rotate");
        Add(new SystemFunction(Effects.Dynamic | Effects.Call, IsOpaque: true),
            "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "cursor_to_xmlschema", "table_to_xml", "table_to_xml_and_xmlschema",
            "schema_to_xml", "schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xml_and_xmlschema", "ts_stat", "ts_rewrite");
        Add(new SystemFunction(Effects.Notify, IsOpaque: false), "pg_notify");
        Add(new SystemFunction(Effects.Replication | Effects.Call, IsOpaque: true),
            "pg_logical_slot_get_changes", "pg_logical_slot_get_binary_changes", "pg_logical_slot_peek_changes", "pg_logical_slot_peek_binary_changes");
        Add(new SystemFunction(Effects.Replication | Effects.Call, IsOpaque: false),
            "pg_create_logical_replication_slot", "pg_create_physical_replication_slot", "pg_copy_logical_replication_slot", "pg_copy_physical_replication_slot",
            "pg_drop_replication_slot", "pg_replication_slot_advance", "pg_logical_emit_message", "pg_replication_origin_advance", "pg_replication_origin_create",
            "pg_replication_origin_drop", "pg_replication_origin_session_reset", "pg_replication_origin_session_setup", "pg_replication_origin_xact_reset",
            "pg_replication_origin_xact_setup", "pg_sync_replication_slots");
        Add(new SystemFunction(Effects.Maintenance | Effects.Call, IsOpaque: false),
            "pg_backup_start", "pg_backup_stop", "pg_start_backup", "pg_stop_backup", "pg_reload_conf", "pg_rotate_logfile", "pg_rotate_logfile_old", "pg_switch_wal",
            "pg_create_restore_point", "pg_promote", "pg_wal_replay_pause", "pg_wal_replay_resume", "pg_cancel_backend", "pg_terminate_backend", "pg_stat_reset",
            "pg_stat_reset_shared", "pg_stat_reset_single_table_counters", "pg_stat_reset_single_function_counters", "pg_stat_reset_slru",
            "pg_stat_reset_replication_slot", "pg_stat_reset_subscription_stats", "pg_stat_reset_backend_stats", "brin_summarize_new_values", "brin_summarize_range",
            "brin_desummarize_range", "gin_clean_pending_list", "pg_log_backend_memory_contexts", "pg_log_standby_snapshot", "pg_restore_relation_stats",
            "pg_restore_attribute_stats", "pg_clear_relation_stats", "pg_clear_attribute_stats");
        Add(SystemFunction.Alters, "pg_extension_config_dump", "pg_import_system_collations", "pg_stop_making_pinned_objects", "pg_nextoid");
        Add(new SystemFunction(Effects.Lock, IsOpaque: false),
            "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_unlock", "pg_advisory_unlock_all", "pg_advisory_unlock_shared", "pg_advisory_xact_lock",
            "pg_advisory_xact_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared");
        Add(new SystemFunction(Effects.Update, IsOpaque: false), "nextval", "setval");
        Add(new SystemFunction(Effects.Call, IsOpaque: true), "lo_get", "loread", "lo_open");
        Add(new SystemFunction(Effects.Call, IsOpaque: false),
            "lo_close", "lo_creat", "lo_create", "lo_from_bytea", "lo_lseek", "lo_lseek64", "lo_put", "lo_tell", "lo_tell64", "lo_truncate", "lo_truncate64",
            "lo_unlink", "lowrite");
        Add(new SystemFunction(Effects.Session, IsOpaque: false), "set_config");
        Add(new SystemFunction(Effects.None, IsOpaque: true), "pg_stat_get_activity", "pg_stat_get_backend_activity", "pg_mcv_list_items");
        return known.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(SystemFunction function, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
                known.Add(name, function);
        }
    }
}
