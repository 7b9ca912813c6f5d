using Npgsql;
using Weir.Policy.Analysis;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Sql.Tests.Analysis;

/// <summary>
/// What the analysis says of a statement, compared with what a server really does when it runs (<see cref="ServerEffects"/>). The short form of
/// <see cref="RegressionSuiteTests"/>: a statement of every kind, on tables with rows in them.
/// </summary>
public sealed class EffectsAgainstServerTests(ShopFixture shop, PostgresServerFixture postgres) : IClassFixture<ShopFixture>
{
    /// <summary>Each is rolled back.</summary>
    private static readonly string[] Statements =
    [
        "SELECT 1", "SELECT * FROM contacts_again", "SELECT count(*) FROM customers", "VALUES (1)", "TABLE orders", "SHOW search_path", "EXPLAIN DELETE FROM orders",
        "SELECT nextval('numbers')", "SELECT setval('numbers', 7)", "SELECT currval('numbers') WHERE false",
        "INSERT INTO audit (what) VALUES ('x')", "INSERT INTO orders SELECT i + 1000, 1, 1 FROM generate_series(1, 3) i", "INSERT INTO people VALUES (9, 'eu', 'x')",
        "INSERT INTO orders (id, customer_id, amount) VALUES (1, 1, 2) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount", "INSERT INTO orders (id, amount) VALUES (1, 2) ON CONFLICT DO NOTHING",
        "INSERT INTO with_trigger VALUES (1)", "INSERT INTO with_rule VALUES (1)", "INSERT INTO with_bomb VALUES (1)", "INSERT INTO with_default (id) VALUES (1)", "INSERT INTO with_check VALUES (1)",
        "INSERT INTO with_domain VALUES (1, 2)", "INSERT INTO counted (id) VALUES (77)",
        "UPDATE orders SET note = 'x' WHERE id = 1", "UPDATE customers SET id = id WHERE id = 1", "UPDATE people SET ssn = 'y'", "UPDATE people_eu SET ssn = 'y'", "UPDATE customers SET name = 'all'",
        "UPDATE one_kind SET id = id + 5000 WHERE id = 1", "UPDATE contacts SET mail = 'x' WHERE id = 1", "UPDATE ONLY customers SET name = 'x'",
        "DELETE FROM orders WHERE id = 1", "DELETE FROM customers WHERE id = 1", "DELETE FROM vip", "DELETE FROM people", "DELETE FROM contacts WHERE id = 2", "DELETE FROM orders USING customers c WHERE c.id = customer_id",
        "MERGE INTO orders o USING (VALUES (1), (2000)) s(id) ON o.id = s.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (s.id, 0)",
        "MERGE INTO orders o USING (VALUES (1)) s(id) ON o.id = s.id WHEN MATCHED THEN UPDATE SET note = 'x'",
        "WITH d AS (DELETE FROM orders WHERE id = 2 RETURNING *) INSERT INTO audit (what) SELECT note FROM d", "WITH u AS (UPDATE orders SET note = 'x' RETURNING id) SELECT count(*) FROM u",
        "SELECT id FROM orders WHERE id = 1 FOR UPDATE", "SELECT id FROM orders FOR KEY SHARE", "SELECT * FROM (SELECT id FROM orders) s FOR SHARE", "SELECT * FROM contacts FOR UPDATE",
        "LOCK orders", "LOCK customers IN SHARE MODE", "LOCK contacts", "TRUNCATE audit", "TRUNCATE customers CASCADE", "TRUNCATE people",
        "SELECT purge()", "SELECT sneaky()", "SELECT 1 <!> 2", "SELECT 1::checked_int", "SELECT 'x'::text::box_of", "SELECT bad_sum(id) FROM orders", "SELECT o.looks FROM orders o LIMIT 1", "SELECT * FROM hidden_purge", "SELECT * FROM secured",
        "SELECT run('DELETE FROM orders')", "DO $$ BEGIN DELETE FROM orders; END $$", "DO $$ BEGIN EXECUTE 'DELETE FROM orders'; END $$", "EXPLAIN ANALYZE DELETE FROM orders", "EXPLAIN (ANALYZE) SELECT purge()",
        "CREATE TABLE x (id serial PRIMARY KEY, v text)", "CREATE TABLE x AS SELECT * FROM orders", "SELECT * INTO x FROM orders", "CREATE TEMP TABLE x AS SELECT * FROM orders", "CREATE TEMP TABLE x (id int)", "CREATE UNLOGGED TABLE x (a int)",
        "CREATE VIEW x AS SELECT 1 AS a", "CREATE TEMP VIEW x AS SELECT 1 AS a", "CREATE MATERIALIZED VIEW x AS SELECT * FROM orders", "REFRESH MATERIALIZED VIEW stored_contacts", "CREATE INDEX ON orders (status)", "CREATE SEQUENCE x",
        "CREATE SCHEMA x", "CREATE SCHEMA x CREATE TABLE t (a int)", "CREATE TYPE x AS ENUM ('a')", "CREATE TYPE x AS (a int)", "CREATE TYPE x", "CREATE DOMAIN x AS int CHECK (VALUE > 0)", "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE PROCEDURE x() LANGUAGE sql AS 'SELECT 1'", "CREATE AGGREGATE x (int) (SFUNC = int4pl, STYPE = int)", "CREATE OPERATOR <#!> (LEFTARG = int, RIGHTARG = int, FUNCTION = op)", "CREATE CAST (box_of AS text) WITH INOUT", "CREATE TRIGGER t AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION log_it()",
        "CREATE RULE r AS ON DELETE TO audit DO INSTEAD NOTHING", "CREATE POLICY p ON orders USING (true)", "CREATE EXTENSION IF NOT EXISTS plpgsql", "CREATE COLLATION x FROM \"C\"", "CREATE STATISTICS x ON status, amount FROM orders", "CREATE TEXT SEARCH CONFIGURATION x (COPY = english)",
        "CREATE PUBLICATION x FOR TABLE orders", "CREATE FOREIGN DATA WRAPPER x", "CREATE EVENT TRIGGER x ON ddl_command_start EXECUTE FUNCTION on_event()", "CREATE ROLE weir_x", "CREATE OPERATOR FAMILY x USING btree",
        "CREATE ACCESS METHOD x TYPE TABLE HANDLER heap_tableam_handler", "CREATE LANGUAGE x HANDLER plpgsql_call_handler", "CREATE CONVERSION x FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
        "ALTER TABLE orders ADD COLUMN x int", "ALTER TABLE orders ADD COLUMN x timestamptz DEFAULT clock_timestamp()", "ALTER TABLE orders DROP COLUMN note", "ALTER TABLE orders ALTER amount TYPE text", "ALTER TABLE orders RENAME TO x", "ALTER TABLE orders SET SCHEMA other2",
        "ALTER TABLE orders SET UNLOGGED", "ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "ALTER TABLE orders DISABLE TRIGGER USER", "ALTER TABLE orders OWNER TO CURRENT_USER", "ALTER TABLE orders SET (fillfactor = 70)", "ALTER TABLE people DETACH PARTITION people_eu", "ALTER TABLE orders CLUSTER ON orders_pkey",
        "ALTER VIEW contacts RENAME TO x", "ALTER SEQUENCE numbers RESTART", "ALTER SEQUENCE numbers INCREMENT 2", "ALTER FUNCTION purge() STABLE", "ALTER FUNCTION purge() SECURITY DEFINER", "ALTER TYPE box_of ADD ATTRIBUTE w int", "ALTER DOMAIN checked_int DROP NOT NULL",
        "ALTER SCHEMA other RENAME TO x", "ALTER INDEX orders_pkey RENAME TO x", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "ALTER ROLE CURRENT_USER SET work_mem = '4MB'", "ALTER DATABASE CURRENT_DB SET work_mem = '4MB'",
        "DROP TABLE orders CASCADE", "DROP TABLE IF EXISTS nothing", "DROP VIEW contacts CASCADE", "DROP FUNCTION purge() CASCADE", "DROP SCHEMA other CASCADE", "DROP SEQUENCE numbers", "DROP TYPE box_of CASCADE", "DROP TRIGGER log_it ON with_trigger", "DROP RULE also ON with_rule", "DROP POLICY mine ON secured",
        "DROP INDEX by_what", "DROP OPERATOR <!> (int, int)", "DROP AGGREGATE bad_sum (int)", "DROP CAST (text AS box_of)",
        "GRANT SELECT ON orders TO PUBLIC", "REVOKE ALL ON orders FROM PUBLIC", "GRANT EXECUTE ON FUNCTION purge() TO PUBLIC", "GRANT pg_read_all_data TO CURRENT_USER", "COMMENT ON TABLE orders IS 'x'",
        "ANALYZE orders", "REINDEX TABLE orders", "CLUSTER orders USING orders_pkey",
        "SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')", "SELECT pg_notify('a', 'b')", "NOTIFY a", "LISTEN a", "UNLISTEN a", "SELECT pg_advisory_xact_lock(1)", "SELECT set_config('work_mem', '4MB', true)", "SET LOCAL work_mem = '4MB'", "RESET work_mem", "SET CONSTRAINTS ALL DEFERRED",
        "SELECT pg_current_xact_id()", "SELECT txid_current()", "SELECT pg_stat_reset_single_table_counters('orders'::regclass)", "SELECT pg_collation_actual_version(100)", "SELECT query_to_xml('SELECT purge()', true, false, '')", "SELECT table_to_xml('orders', true, false, '')",
        "SELECT pg_import_system_collations('pg_catalog')", "SELECT brin_summarize_new_values('by_what'::regclass)", "SELECT ts_stat('SELECT purge()::text::tsvector')", "SELECT * FROM ts_stat('SELECT to_tsvector(run(''DELETE FROM orders'')::text)')",
        "UPDATE pg_class SET reltuples = reltuples WHERE relname = 'orders'", "DELETE FROM pg_description WHERE objoid = 1", "INSERT INTO pg_description VALUES (1, 1, 0, 'x')", "UPDATE pg_settings SET setting = setting WHERE name = 'work_mem'",
        "DECLARE c CURSOR FOR SELECT purge()", "PREPARE weir_p AS DELETE FROM orders", "COPY (DELETE FROM orders RETURNING id) TO '/dev/null'",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_the_server_does_is_missed()
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        await database.ScriptAsync(await File.ReadAllTextAsync(RepositoryRoot.Combine("tests/Weir.Sql.Tests/Analysis/shop.sql"), Cancel), Cancel);
        await database.ScriptAsync("""
            INSERT INTO customers (id, name, email, country) SELECT i, 'n', 'e', 'c' FROM generate_series(1, 5) i; INSERT INTO vip (id, name, email, country) VALUES (50, 'n', 'e', 'c');
            INSERT INTO orders (id, customer_id, amount) SELECT i, 1 + i % 5, 1 FROM generate_series(1, 20) i; INSERT INTO people VALUES (1, 'eu', 'x'); INSERT INTO secured VALUES (1, 'x'); CREATE SCHEMA other2;
            CREATE VIEW counted AS SELECT id FROM with_trigger; CREATE INDEX by_what ON audit USING brin (what); CREATE FUNCTION on_event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
            """, Cancel);
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Command Timeout=10");
        await connection.OpenAsync(Cancel);
        // The fixture's catalog is that of another database, with other oids: names count here.
        var snapshot = await Catalog.CatalogReader.LoadAsync(database.ConnectionString, Cancel);
        var context = shop.Context with { Catalog = snapshot };
        var missed = new List<string>();
        var failed = new List<string>();
        foreach (string written in Statements)
        {
            string sql = written.Replace("CURRENT_DB", database.Name, StringComparison.Ordinal);
            StatementAnalysis analysis = shop.One(sql, context);
            if (await ServerEffects.ObserveAsync(connection, sql, keep: false, Cancel) is not { } observed)
            {
                failed.Add(sql);
                continue;
            }

            missed.AddRange(observed.MissedBy(analysis).Select(m => $"{sql}: {m}, analysed as {string.Join(' ', EffectNames.NamesOf(analysis.Effects))}"));
        }

        missed.ShouldBeEmpty();
        failed.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("DELETE FROM customers WHERE id = 1", "SELECT 1", "deleted from public.customers")]
    [InlineData("DELETE FROM customers WHERE id = 1", "DELETE FROM customers WHERE id = 1 RETURNING 2", "")]
    [InlineData("TRUNCATE audit", "INSERT INTO audit (what) VALUES ('x')", "new file")]
    [InlineData("LOCK orders", "SELECT 1", "kept others from public.orders")]
    [InlineData("CREATE ROLE weir_x", "DELETE FROM orders", "changed pg_catalog.pg_authid")]
    public async Task The_comparison_itself_would_tell(string run, string analysed, string expected)
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        await database.ScriptAsync(await File.ReadAllTextAsync(RepositoryRoot.Combine("tests/Weir.Sql.Tests/Analysis/shop.sql"), Cancel), Cancel);
        await database.ScriptAsync("INSERT INTO customers (id, name, email, country) VALUES (1, 'n', 'e', 'c')", Cancel);
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(Cancel);

        var observed = (await ServerEffects.ObserveAsync(connection, run, keep: false, Cancel)).ShouldNotBeNull();

        string missed = string.Join("; ", observed.MissedBy(shop.One(analysed)));
        if (expected.Length == 0)
            missed.ShouldBeEmpty();
        else
            missed.ShouldContain(expected);
    }
}
