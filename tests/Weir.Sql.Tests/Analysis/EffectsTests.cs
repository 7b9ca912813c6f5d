using Weir.Policy.Analysis;

namespace Weir.Sql.Tests.Analysis;

public sealed class EffectsTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("SELECT 1", "read")]
    [InlineData("TABLE orders", "read")]
    [InlineData("SELECT clean('delete from orders')", "read")]
    [InlineData("SELECT now(), random(), gen_random_uuid(), pg_sleep(1)", "read")]
    [InlineData("SELECT email_of(1)", "read")]
    [InlineData("INSERT INTO audit (what) VALUES ('x')", "read insert")]
    [InlineData("INSERT INTO orders (id, amount) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount", "read insert update")]
    [InlineData("UPDATE orders SET note = 'x' WHERE id = 1", "update")]
    [InlineData("DELETE FROM orders WHERE id = 1", "delete")]
    [InlineData("WITH d AS (DELETE FROM orders WHERE id = 1) SELECT 1", "read delete")]
    [InlineData("MERGE INTO orders o USING (VALUES (1)) s(id) ON o.id = s.id WHEN MATCHED THEN DELETE", "read delete merge")]
    [InlineData("TRUNCATE orders", "truncate")]
    [InlineData("CREATE TABLE x (a int)", "create")]
    [InlineData("CREATE TABLE x AS SELECT 1 AS a", "read create")]
    [InlineData("SELECT 1 AS a INTO x", "read create")]
    [InlineData("CREATE TEMP TABLE x (a int)", "insert")]
    [InlineData("ALTER TABLE orders ADD COLUMN x int", "alter")]
    [InlineData("ALTER TABLE orders DROP COLUMN note", "alter drop")]
    [InlineData("DROP TABLE orders", "drop")]
    [InlineData("GRANT SELECT ON orders TO PUBLIC", "grant")]
    [InlineData("COPY orders TO STDOUT", "read copy_out")]
    [InlineData("COPY (SELECT 1) TO STDOUT", "read copy_out")]
    [InlineData("COPY audit (what) FROM STDIN", "insert copy_in")]
    [InlineData("COPY orders TO '/tmp/x'", "read copy_out program")]
    [InlineData("COPY audit (what) FROM PROGRAM 'id'", "insert copy_in program")]
    [InlineData("SELECT pg_read_file('/etc/passwd')", "read program")]
    [InlineData("LOCK orders", "lock")]
    [InlineData("SELECT pg_advisory_lock(1)", "read lock")]
    [InlineData("SELECT id FROM orders WHERE id = 1 FOR UPDATE", "read update")]
    [InlineData("VACUUM orders", "maintenance")]
    [InlineData("ANALYZE", "maintenance")]
    [InlineData("SET search_path = other", "session")]
    [InlineData("SELECT set_config('role', 'x', false)", "read session")]
    [InlineData("DISCARD ALL", "session")]
    [InlineData("BEGIN", "transaction")]
    [InlineData("SAVEPOINT a", "transaction")]
    [InlineData("CALL do_purge()", "delete transaction call")]
    [InlineData("DO $$ BEGIN PERFORM 1; END $$", "read dynamic")]
    [InlineData("NOTIFY x", "notify")]
    [InlineData("SELECT pg_notify('a', 'b')", "read notify")]
    [InlineData("SELECT pg_create_physical_replication_slot('x')", "read call replication")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p", "create replication")]
    [InlineData("SELECT nextval('numbers')", "read update")]
    [InlineData("UPDATE pg_class SET relname = 'x' WHERE relname = 'orders'", "update alter")]
    [InlineData("UPDATE pg_settings SET setting = 'off' WHERE name = 'row_security'", "update session")]
    [InlineData("EXPLAIN DELETE FROM orders", "read")]
    [InlineData("EXPLAIN (ANALYZE on, ANALYZE off) DELETE FROM orders", "read")]
    [InlineData("EXPLAIN (ANALYZE, VERBOSE) DELETE FROM orders WHERE id = 1", "read delete")]
    [InlineData("EXPLAIN ANALYSE DELETE FROM orders WHERE id = 1", "read delete")]
    [InlineData("EXPLAIN (ANALYZE \"on\") DELETE FROM orders WHERE id = 1", "read delete")]
    [InlineData("PREPARE p AS DELETE FROM orders WHERE id = 1", "delete")]
    [InlineData("DECLARE c CURSOR FOR SELECT purge()", "read delete call")]
    [InlineData("CREATE FUNCTION x() RETURNS int LANGUAGE c AS 'x', 'y'", "create program")]
    [InlineData("LOAD 'x'", "program")]
    [InlineData("ALTER SYSTEM SET work_mem = '1MB'", "alter maintenance")]
    [InlineData("SELECT query_to_xml('select 1', true, false, '')", "read call dynamic")]
    public void A_statement_has_its_effects(string sql, string effects) =>
        string.Join(' ', EffectNames.NamesOf(shop.One(sql).Effects)).ShouldBe(effects);

    [Theory]
    [InlineData("SELECT purge()")]
    [InlineData("SELECT \"purge\"()")]
    [InlineData("SELECT public.purge()")]
    [InlineData("SELECT sneaky()")]
    [InlineData("SELECT 1 WHERE purge() > 0")]
    [InlineData("SELECT 1 ORDER BY purge()")]
    [InlineData("SELECT 1 LIMIT purge()")]
    [InlineData("SELECT count(*) FILTER (WHERE purge() > 0)")]
    [InlineData("SELECT * FROM orders, LATERAL purge()")]
    [InlineData("SELECT * FROM ROWS FROM (purge(), generate_series(1, 2)) x")]
    [InlineData("WITH x AS (SELECT purge()) SELECT 1")]
    [InlineData("VALUES (purge())")]
    [InlineData("SELECT CASE WHEN false THEN purge() END")]
    [InlineData("SELECT (SELECT purge())")]
    [InlineData("SELECT array_agg(purge()) OVER ()")]
    [InlineData("SELECT xmlelement(name a, purge())")]
    [InlineData("SELECT 1 <!> 2")]
    [InlineData("SELECT 1 OPERATOR(public.<!>) 2")]
    [InlineData("SELECT 'x'::text::box_of")]
    [InlineData("SELECT CAST('x' AS box_of)")]
    [InlineData("SELECT box_of('x'::text)")]
    [InlineData("SELECT 1::checked_int")]
    [InlineData("SELECT checked_int(1)")]
    [InlineData("SELECT ARRAY[1]::checked_int[]")]
    [InlineData("SELECT bad_sum(id) FROM orders")]
    [InlineData("SELECT o.looks FROM orders o")]
    [InlineData("SELECT (o).looks FROM orders o")]
    [InlineData("SELECT * FROM hidden_purge")]
    [InlineData("SELECT * FROM secured")]
    [InlineData("INSERT INTO with_domain VALUES (1, 2)")]
    [InlineData("INSERT INTO with_default (id) VALUES (1)")]
    [InlineData("INSERT INTO with_check VALUES (1)")]
    [InlineData("COPY with_check FROM STDIN")]
    [InlineData("UPDATE with_check SET id = 2 WHERE id = 1")]
    [InlineData("ALTER TABLE audit ADD CHECK (checked(id::int))")]
    [InlineData("CREATE INDEX ON audit (checked(id::int))")]
    [InlineData("EXECUTE nothing(purge())")]
    [InlineData("SELECT * FROM json_to_recordset('[]') AS x(v checked_int)")]
    public void Whatever_calls_a_function_that_writes_may_write(string sql)
    {
        StatementAnalysis statement = shop.One(sql);

        statement.Effects.HasFlag(Effects.Call).ShouldBeTrue();
        statement.Effects.HasFlag(Effects.Delete).ShouldBeTrue();
        statement.RowLimit.ShouldBe(RowLimit.Unlimited);
        statement.Relations.ShouldContain(r => r.Candidates.Contains(new QualifiedName("public", "orders")) && r.Effects.HasFlag(Effects.Delete));
    }

    [Fact]
    public void A_trigger_that_is_understood_adds_its_effects_and_is_no_call()
    {
        StatementAnalysis statement = shop.One("INSERT INTO with_trigger VALUES (1)");

        statement.Relations.ShouldContain(r => r.Candidates[0].Name == "audit" && r.Effects.HasFlag(Effects.Insert));
        statement.Effects.HasFlag(Effects.Call).ShouldBeFalse();
    }

    [Fact]
    public void A_trigger_that_runs_built_text_is_dynamic() =>
        shop.One("INSERT INTO with_bomb VALUES (1)").Effects.HasFlag(Effects.Dynamic).ShouldBeTrue();

    [Fact]
    public void A_rule_adds_its_actions() =>
        shop.One("INSERT INTO with_rule VALUES (1)").Relations.ShouldContain(r => r.Candidates[0].Name == "orders" && r.Effects.HasFlag(Effects.Delete));

    [Fact]
    public void Deleting_what_others_reference_deletes_them_where_the_key_cascades() =>
        shop.One("DELETE FROM customers WHERE id = 1").Relations.ShouldContain(r => r.Candidates[0].Name == "orders" && r.Effects == Effects.Delete);

    [Fact]
    public void Deleting_with_a_join_deletes_from_the_target_alone()
    {
        StatementAnalysis statement = shop.One("DELETE FROM orders o USING customers c WHERE o.customer_id = c.id AND o.id = 1");

        statement.Relations.Single(r => r.Candidates[0].Name == "orders").Effects.ShouldBe(Effects.Delete);
        statement.Relations.Single(r => r.Candidates[0].Name == "customers").Effects.ShouldBe(Effects.Read);
    }

    [Fact]
    public void Changing_a_view_changes_what_lies_under_it() =>
        shop.One("UPDATE one_kind SET id = 2 WHERE id = 1").Relations.ShouldContain(r => r.Candidates[0].Name == "orders" && r.Effects.HasFlag(Effects.Update) && r.ThroughView);

    [Fact]
    public void Without_a_catalog_every_function_may_write_and_every_name_is_ambiguous()
    {
        StatementAnalysis statement = shop.One("SELECT lower(name) FROM customers", shop.Context with { Catalog = null });

        statement.Effects.HasFlag(Effects.Call).ShouldBeTrue();
        statement.Relations.ShouldHaveSingleItem().IsAmbiguous.ShouldBeTrue();
        statement.ResultColumns.ShouldHaveSingleItem().IsProvable.ShouldBeFalse();
    }

    [Theory]
    [InlineData("DROP TABLE a", "DROP TABLE")]
    [InlineData("create group g", "CREATE ROLE")]
    [InlineData("abort", "ROLLBACK")]
    [InlineData("end", "COMMIT")]
    [InlineData("start transaction", "START TRANSACTION")]
    [InlineData("select 1 into x", "SELECT INTO")]
    [InlineData("lock orders", "LOCK TABLE")]
    [InlineData("alter table a rename column b to c", "ALTER TABLE")]
    [InlineData("drop function f", "DROP FUNCTION")]
    [InlineData("create materialized view m as select 1", "CREATE MATERIALIZED VIEW")]
    [InlineData("close all", "CLOSE CURSOR ALL")]
    [InlineData("alter view contacts set (security_barrier)", "ALTER VIEW")]
    public void Commands_are_named_as_PostgreSQL_tags_them(string sql, string command) => shop.One(sql).Command.ShouldBe(command);

    [Theory]
    [InlineData("SELECT repeat('x', 500000000)")]
    [InlineData("SELECT length(repeat(repeat('x', 10000), 10000))")]
    [InlineData("SELECT lpad('', 5 * 10 ^ 8)")]
    [InlineData("SELECT pg_sleep(3600)")]
    [InlineData("SELECT pg_sleep_for('1 hour')")]
    [InlineData("SELECT count(*) FROM generate_series(1, 1e10)")]
    public void Calls_that_exhaust_the_server_are_told(string sql) => shop.One(sql).MayExhaustServer.ShouldBeTrue();

    [Theory]
    [InlineData("SELECT repeat('x', 10)")]
    [InlineData("SELECT pg_sleep(0.1)")]
    [InlineData("SELECT * FROM generate_series(1, 1000)")]
    public void Small_calls_do_not_exhaust_the_server(string sql) => shop.One(sql).MayExhaustServer.ShouldBeFalse();
}
