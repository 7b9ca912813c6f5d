using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Packs;
using static Weir.Policy.Tests.Samples;

namespace Weir.Policy.Tests.Packs;

public sealed class PostgresBaselineTests
{
    private static readonly SessionPolicy Admin = Session(AccessLevel.Admin, Document("GuardrailPack", "baseline", """{"pack":"postgres-baseline"}"""));

    private static void ShouldBe(StatementAnalysis statement, Verdict verdict, string? rule, string text = "")
    {
        var decision = Admin.Decide(Script(statement), text, Now);
        decision.Verdict.ShouldBe(verdict, string.Join(" | ", decision.Reasons));
        if (rule is not null)
            decision.Reasons[0].Rule.ShouldBe("baseline/" + rule);
    }

    private static StatementAnalysis Calling(string function) => Select() with { Functions = [Function(function)] };

    private static StatementAnalysis Setting(string name, string? value)
        => Statement("SET", Effects.Session) with { Settings = [new SettingChange(name, value, false)] };

    [Fact]
    public void Reading_and_bounded_writes_pass()
    {
        ShouldBe(Select("public.orders"), Verdict.Allow, null);
        ShouldBe(Delete("public.orders"), Verdict.Allow, null);
        ShouldBe(Statement("INSERT", Effects.Insert, On(Effects.Insert, "public.orders")), Verdict.Allow, null);
        ShouldBe(Statement("COPY", Effects.CopyOut | Effects.Read, On(Effects.Read, "public.orders")), Verdict.Allow, null);
        ShouldBe(Statement("LISTEN", Effects.Notify), Verdict.Allow, null);
        ShouldBe(Statement("BEGIN", Effects.Transaction), Verdict.Allow, null);
    }

    [Fact]
    public void Own_temporary_tables_may_be_filled_emptied_and_dropped()
    {
        ShouldBe(Statement("CREATE TABLE", Effects.Create, On(Effects.Create, "pg_temp.s")), Verdict.Allow, null);
        ShouldBe(Statement("TRUNCATE TABLE", Effects.Truncate, On(Effects.Truncate, "pg_temp.s")), Verdict.Allow, null);
        ShouldBe(Statement("DROP TABLE", Effects.Drop, On(Effects.Drop, "pg_temp.s")), Verdict.Allow, null);
        ShouldBe(Delete("pg_temp.s", RowLimit.Unlimited), Verdict.Allow, null);
    }

    [Fact]
    public void Destruction_and_unbounded_writes_are_denied()
    {
        ShouldBe(Statement("DROP TABLE", Effects.Drop, On(Effects.Drop, "public.orders")), Verdict.Deny, "destructive-ddl");
        ShouldBe(Statement("DROP SCHEMA", Effects.Drop), Verdict.Deny, "destructive-ddl");
        ShouldBe(Statement("TRUNCATE TABLE", Effects.Truncate, On(Effects.Truncate, "public.orders")), Verdict.Deny, "destructive-ddl");
        ShouldBe(Delete("public.orders", RowLimit.Unlimited), Verdict.Deny, "unbounded-writes");
        ShouldBe(Statement("MERGE", Effects.Merge | Effects.Update, On(Effects.Update, "public.orders")) with { RowLimit = RowLimit.Unlimited }, Verdict.Deny, "unbounded-writes");
    }

    [Fact]
    public void Catalogs_are_not_written_by_hand_not_even_one_row()
    {
        ShouldBe(Statement("UPDATE", Effects.Update, On(Effects.Update, "pg_catalog.pg_class")) with { RowLimit = RowLimit.Limited }, Verdict.Deny, "catalog-writes");
        ShouldBe(Statement("UPDATE", Effects.Update, On(Effects.Update, "pg_catalog.pg_settings")) with { RowLimit = RowLimit.Limited }, Verdict.Deny, "catalog-writes");
        ShouldBe(Select("pg_catalog.pg_class"), Verdict.Allow, null);
    }

    [Theory]
    [InlineData("pg_catalog.pg_read_file", "server-files")]
    [InlineData("pg_catalog.pg_ls_dir", "server-files")]
    [InlineData("pg_catalog.pg_ls_logdir", "server-files")]
    [InlineData("public.pg_file_write", "server-files")]
    [InlineData("pg_catalog.lo_import", "large-objects")]
    [InlineData("pg_catalog.loread", "large-objects")]
    [InlineData("pg_catalog.pg_terminate_backend", "superuser-functions")]
    [InlineData("pg_catalog.pg_reload_conf", "superuser-functions")]
    [InlineData("pg_catalog.pg_promote", "superuser-functions")]
    [InlineData("pg_catalog.pg_backup_start", "superuser-functions")]
    [InlineData("pg_catalog.pg_logical_emit_message", "superuser-functions")]
    [InlineData("pg_catalog.pg_stat_reset", "superuser-functions")]
    [InlineData("pg_catalog.pg_create_logical_replication_slot", "replication")]
    [InlineData("pg_catalog.pg_drop_replication_slot", "replication")]
    [InlineData("pg_catalog.pg_logical_slot_get_changes", "replication")]
    [InlineData("pg_catalog.query_to_xml", "query-functions")]
    [InlineData("pg_catalog.cursor_to_xml", "query-functions")]
    [InlineData("pg_catalog.ts_rewrite", "query-functions")]
    [InlineData("public.dblink_exec", "query-functions")]
    [InlineData("public.crosstab", "query-functions")]
    [InlineData("pg_catalog.pg_sleep", "long-sleep")]
    public void Functions_that_reach_the_server_or_run_text_are_denied(string function, string rule) => ShouldBe(Calling(function), Verdict.Deny, rule);

    [Theory]
    [InlineData("pg_catalog.now")]
    [InlineData("pg_catalog.lower")]
    [InlineData("pg_catalog.nextval")]
    [InlineData("pg_catalog.pg_get_userbyid")]
    [InlineData("pg_catalog.pg_advisory_lock")]
    [InlineData("pg_catalog.current_setting")]
    public void Ordinary_functions_pass(string function) => ShouldBe(Calling(function), Verdict.Allow, null);

    [Fact]
    public void Code_that_may_write_waits_or_is_denied()
    {
        ShouldBe(Statement("SELECT", Effects.Read | Effects.Call) with { Functions = [Function("public.purge", mayWrite: true)] }, Verdict.Review, "function-calls");
        ShouldBe(Statement("CALL", Effects.Call), Verdict.Deny, "procedure-calls");
        ShouldBe(Statement("DO", Effects.Dynamic), Verdict.Deny, "procedural-code");
        ShouldBe(Statement("CREATE FUNCTION", Effects.Create), Verdict.Review, "code-definitions");
        ShouldBe(Statement("ALTER TABLE", Effects.Alter, On(Effects.Alter, "public.orders")), Verdict.Review, "schema-changes");
    }

    [Theory]
    [InlineData("role", "postgres", Verdict.Deny)]
    [InlineData("role", null, Verdict.Deny)]
    [InlineData("session_authorization", null, Verdict.Deny)]
    [InlineData("session_replication_role", "replica", Verdict.Deny)]
    [InlineData("row_security", "off", Verdict.Deny)]
    [InlineData("row_security", "on", Verdict.Allow)]
    [InlineData("standard_conforming_strings", "off", Verdict.Deny)]
    [InlineData("standard_conforming_strings", "on", Verdict.Allow)]
    [InlineData("log_statement", "none", Verdict.Deny)]
    [InlineData("datestyle", "ISO, MDY", Verdict.Allow)]
    [InlineData("client_min_messages", "warning", Verdict.Allow)]
    [InlineData("search_path", "public", Verdict.Allow)]
    [InlineData("statement_timeout", "0", Verdict.Allow)]
    [InlineData("*", null, Verdict.Allow)]
    public void Settings_of_drivers_pass_and_those_of_authority_do_not(string name, string? value, Verdict verdict) => ShouldBe(Setting(name, value), verdict, null);

    [Theory]
    [InlineData("CREATE ROLE", Effects.Create)]
    [InlineData("ALTER ROLE", Effects.Alter)]
    [InlineData("ALTER SYSTEM", Effects.Alter)]
    [InlineData("CREATE EXTENSION", Effects.Create)]
    [InlineData("CREATE POLICY", Effects.Create)]
    [InlineData("CREATE SUBSCRIPTION", Effects.Create)]
    [InlineData("GRANT", Effects.Grant)]
    [InlineData("PREPARE TRANSACTION", Effects.Transaction)]
    [InlineData("LOCK TABLE", Effects.Lock)]
    [InlineData("LOAD", Effects.Program)]
    public void Privileges_extensions_and_locks_are_denied_to_administrators_too(string command, Effects effects) => ShouldBe(Statement(command, effects), Verdict.Deny, null);

    [Fact]
    public void Rows_do_not_leave_by_notify()
    {
        ShouldBe(Statement("SELECT", Effects.Read | Effects.Notify, On(Effects.Read, "public.customers")) with { Functions = [Function("pg_catalog.pg_notify")] }, Verdict.Deny, "notify-rows");
        ShouldBe(Statement("SELECT", Effects.Notify) with { Functions = [Function("pg_catalog.pg_notify")] }, Verdict.Allow, null);
    }

    [Theory]
    [InlineData("DELETE FROM orders WHERE CURRENT OF k", Verdict.Review)]
    [InlineData("DELETE FROM orders WHERE current/* x */of k", Verdict.Review)]
    [InlineData("DELETE FROM orders WHERE CURRENT -- x\n OF k", Verdict.Review)]
    [InlineData("DELETE FROM orders WHERE status = 'current' AND id = 1", Verdict.Allow)]
    public void Positioned_writes_are_reviewed(string text, Verdict verdict) => ShouldBe(Delete("public.orders"), verdict, null, text);

    [Theory]
    [InlineData("SELECT repeat('x', 500000000)", Verdict.Review)]
    [InlineData("SELECT repeat('x', 500_000_000)", Verdict.Review)]
    [InlineData("SELECT repeat('x', 80)", Verdict.Allow)]
    public void Enormous_values_are_reviewed(string text, Verdict verdict) => ShouldBe(Calling("pg_catalog.repeat"), verdict, null, text);

    [Fact]
    public void A_denial_names_document_and_rule()
        => Denial.Of(Admin.Decide(Script(Statement("DO", Effects.Dynamic)), "", Now)).ConstraintName.ShouldBe("baseline/procedural-code");

    [Fact]
    public void Overrides_change_what_a_rule_does()
    {
        static Decision Decide(string change) => Session(
                AccessLevel.Write,
                Document("GuardrailPack", "b", $$$"""{"pack":"postgres-baseline","overrides":{"explicit-lock":"{{{change}}}"},"review":{"reviewers":["ops"]}}"""))
            .Decide(Script(Statement("LOCK TABLE", Effects.Lock)), "", Now);
        Decide("deny").Verdict.ShouldBe(Verdict.Deny);
        Decide("review").Verdict.ShouldBe(Verdict.Review);
        Decide("review").Review!.Reviewers.ShouldBe(["ops"]);
        Decide("allow").Verdict.ShouldBe(Verdict.Allow);
        Decide("off").Reasons.ShouldBeEmpty();
        Decide("shadow").Reasons.Single().IsShadow.ShouldBeTrue();
    }

    [Fact]
    public void Every_rule_of_every_pack_has_a_name_of_its_own_a_message_and_a_hint()
    {
        foreach (var pack in PackCatalog.All)
        {
            pack.Rules.Select(r => r.Name).ShouldBeUnique();
            pack.Rules.ShouldAllBe(r => r.Message.Length > 0 && r.Hint.Length > 0 && r.Name.All(c => char.IsAsciiLetterLower(c) || c == '-'));
        }
    }

    [Fact]
    public void An_ai_agent_reads_and_asks_before_it_writes()
    {
        var pack = Document("GuardrailPack", "ai", """{"pack":"ai-agent"}""");
        var session = Session(Bot, AccessLevel.Write, pack);
        session.Decide(Script(Select("public.orders")), "", Now).Verdict.ShouldBe(Verdict.Allow);
        session.Decide(Script(Delete("public.orders")), "", Now).Verdict.ShouldBe(Verdict.Review);
        session.Decide(Script(Delete("public.orders", RowLimit.Unlimited)), "", Now).Verdict.ShouldBe(Verdict.Deny);
        Session(Ada, AccessLevel.Write, pack).Decide(Script(Delete("public.orders")), "", Now).Verdict.ShouldBe(Verdict.Allow);
    }

    [Fact]
    public void Outside_the_change_window_writes_wait_and_ddl_is_denied()
    {
        var session = Session(AccessLevel.Admin, Document("GuardrailPack", "w", """{"pack":"change-window","window":["* 8-15 * * 1-4"]}"""));
        var ddl = Script(Statement("ALTER TABLE", Effects.Alter, On(Effects.Alter, "public.orders")));
        var write = Script(Delete("public.orders"));
        session.Decide(ddl, "", Now).Verdict.ShouldBe(Verdict.Allow);
        session.Decide(ddl, "", Now.AddHours(8)).Verdict.ShouldBe(Verdict.Deny);
        session.Decide(write, "", Now).Verdict.ShouldBe(Verdict.Allow);
        session.Decide(write, "", Now.AddHours(8)).Verdict.ShouldBe(Verdict.Review);
        session.IsTimeDependent.ShouldBeTrue();
    }
}
