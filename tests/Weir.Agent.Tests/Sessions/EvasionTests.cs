using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>
/// Ways round the baseline pack at access level <c>write</c>, with a superuser behind the gateway, so that nothing but it stands in the way. The last step of each is what must not
/// happen: the gateway's own refusal, or a review, has to come before the database does it. Each goes through both protocols, on one session, behind harmless
/// statements of the same shape.
/// </summary>
public sealed class EvasionTests(SampleServer server) : IAsyncLifetime
{
    private const string Schema = """
        CREATE SCHEMA ev;
        CREATE TABLE ev.t (id int PRIMARY KEY, v text); INSERT INTO ev.t SELECT i, 'x' FROM generate_series(1, 50) i;
        CREATE TABLE ev.log (at text);
        CREATE FUNCTION ev.sd() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DELETE FROM ev.t; RETURN 1; END $$;
        CREATE FUNCTION ev.wrap() RETURNS int LANGUAGE sql AS 'SELECT ev.sd()';
        CREATE FUNCTION ev.atomic() RETURNS int LANGUAGE sql BEGIN ATOMIC DELETE FROM ev.t; SELECT 1; END;
        CREATE FUNCTION ev.lying(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN DELETE FROM ev.t; RETURN $1; END $$;
        CREATE FUNCTION ev.dflt(a int DEFAULT ev.sd()) RETURNS int LANGUAGE sql AS 'SELECT a';
        CREATE FUNCTION ev.vari(VARIADIC a int[] DEFAULT ARRAY[ev.sd()]) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION ev.kill(int) RETURNS boolean LANGUAGE internal AS 'pg_terminate_backend';
        CREATE FUNCTION ev.cfg(text, text, boolean) RETURNS text LANGUAGE internal AS 'set_config_by_name';
        CREATE FUNCTION ev.reader() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT rolpassword FROM pg_authid LIMIT 1';
        CREATE PROCEDURE ev.proc() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ev.t; COMMIT; END $$;
        CREATE FUNCTION ev.ends() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM ' || 'ev.t'; RETURN 1; END $$;
        CREATE FUNCTION ev.cursor_of() RETURNS refcursor LANGUAGE plpgsql AS $$ DECLARE c refcursor := 'rc'; BEGIN OPEN c FOR EXECUTE 'SELECT ev.sd()'; RETURN c; END $$;
        CREATE FUNCTION ev.ts(int) RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'DELETE FROM ev.t RETURNING id'; END $$;
        CREATE FUNCTION ev.bool(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ev.t; RETURN true; END $$;
        CREATE FUNCTION ev.op(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ev.t; RETURN true; END $$;
        CREATE FUNCTION ev.op(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ev.t; RETURN true; END $$;
        CREATE OPERATOR ev.= (LEFTARG = text, RIGHTARG = text, FUNCTION = ev.op);
        CREATE OPERATOR ev.~~ (LEFTARG = text, RIGHTARG = text, FUNCTION = ev.op);
        CREATE OPERATOR ev.~ (LEFTARG = text, RIGHTARG = text, FUNCTION = ev.op);
        CREATE OPERATOR ev.## (LEFTARG = int, RIGHTARG = bigint, FUNCTION = pg_terminate_backend);
        CREATE OPERATOR ev.@# (RIGHTARG = int, FUNCTION = ev.lying);
        CREATE FUNCTION ev.lower(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN DELETE FROM ev.t; RETURN $1; END $$;
        CREATE TYPE ev.pair AS (a int, b int);
        CREATE FUNCTION ev.pair_lt(ev.pair, ev.pair) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN DELETE FROM ev.t; RETURN false; END $$;
        CREATE FUNCTION ev.pair_cmp(ev.pair, ev.pair) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN DELETE FROM ev.t; RETURN 0; END $$;
        CREATE OPERATOR ev.<<< (LEFTARG = ev.pair, RIGHTARG = ev.pair, FUNCTION = ev.pair_lt);
        CREATE FUNCTION ev.to_pair(int) RETURNS ev.pair LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN DELETE FROM ev.t; RETURN ROW(1, 1)::ev.pair; END $$;
        CREATE TABLE ev.pairs (p ev.pair); INSERT INTO ev.pairs VALUES (ROW(1, 2)), (ROW(3, 4));
        CREATE FUNCTION ev.takes(ev.pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION ev.sf(int, int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ev.t; RETURN 1; END $$;
        CREATE FUNCTION ev.ff(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM ev.t; RETURN 1; END $$;
        CREATE AGGREGATE ev.agg(int) (SFUNC = int4pl, STYPE = int, FINALFUNC = ev.ff);
        CREATE AGGREGATE ev.mov(int) (SFUNC = ev.sf, STYPE = int);
        CREATE DOMAIN ev.dom AS int CHECK (ev.bool(VALUE));
        CREATE DOMAIN ev.doms AS int[] CHECK (ev.bool(VALUE[1]));
        CREATE DOMAIN ev.killer AS int CHECK (pg_terminate_backend(VALUE) IS NOT NULL);
        CREATE TYPE ev.holds AS (d ev.dom);
        CREATE TABLE ev.gen (a int, b int GENERATED ALWAYS AS (ev.lying(a)) STORED);
        CREATE TABLE ev.idx (a int); CREATE INDEX ON ev.idx (ev.lying(a));
        CREATE TABLE ev.partial (a int); CREATE INDEX ON ev.partial (a) WHERE ev.lying(a) > 0;
        CREATE TABLE ev.parts (a int) PARTITION BY RANGE (ev.lying(a)); CREATE TABLE ev.parts1 PARTITION OF ev.parts DEFAULT;
        CREATE TABLE ev.stats (a int); CREATE STATISTICS ev.s ON (ev.lying(a)) FROM ev.stats;
        CREATE TABLE ev.excl (a int, EXCLUDE USING btree (ev.lying(a) WITH pg_catalog.=));
        CREATE TABLE ev.keyed (a int REFERENCES ev.t ON DELETE SET DEFAULT DEFAULT ev.sd());
        CREATE TABLE ev.trig (id int);
        CREATE FUNCTION ev.tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM ev.t'; RETURN NULL; END $$;
        CREATE TRIGGER t1 AFTER INSERT ON ev.trig FOR EACH STATEMENT EXECUTE FUNCTION ev.tf();
        CREATE CONSTRAINT TRIGGER t2 AFTER UPDATE ON ev.trig DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ev.tf();
        CREATE TABLE ev.when_t (id int); CREATE TRIGGER w AFTER INSERT ON ev.when_t FOR EACH ROW WHEN (ev.bool(NEW.id)) EXECUTE FUNCTION suppress_redundant_updates_trigger();
        CREATE VIEW ev.inst AS SELECT 1 AS a; CREATE TRIGGER i INSTEAD OF INSERT OR UPDATE OR DELETE ON ev.inst FOR EACH ROW EXECUTE FUNCTION ev.tf();
        CREATE TABLE ev.ruled (id int); INSERT INTO ev.ruled VALUES (1); CREATE RULE r AS ON UPDATE TO ev.ruled DO INSTEAD DELETE FROM ev.t;
        CREATE RULE n AS ON INSERT TO ev.ruled DO ALSO NOTIFY evil;
        CREATE TABLE ev.fine (id int PRIMARY KEY, v text DEFAULT upper('x') CHECK (length(v) < 100)); CREATE INDEX ON ev.fine (lower(v)) WHERE id > 0;
        CREATE FUNCTION ev.adds(a int DEFAULT 1 + 1, b int DEFAULT length('x')) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b'; CREATE DOMAIN ev.small AS int CHECK (VALUE < 10 AND ev.adds(VALUE) > 0);
        CREATE AGGREGATE ev.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0'); CREATE VIEW ev.fine_view AS SELECT id, ev.adds(id) AS more FROM ev.fine ORDER BY 2;
        CREATE TABLE ev.fine_parts (id int, v text) PARTITION BY RANGE (lower(v)); CREATE TABLE ev.fine_part PARTITION OF ev.fine_parts DEFAULT;
        CREATE VIEW ev.authid AS SELECT rolname, rolpassword FROM pg_authid;
        CREATE VIEW ev.killers AS SELECT pg_terminate_backend(pid) AS k FROM pg_stat_activity WHERE false;
        CREATE VIEW ev.calls AS SELECT ev.sd() AS n;
        CREATE VIEW ev.settable AS SELECT name, setting FROM pg_settings;
        CREATE TABLE ev.secured (id int); ALTER TABLE ev.secured ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON ev.secured USING (ev.bool(id));
        """;

    /// <summary>What may run in any expression at all: apart, because it makes everything suspicious.</summary>
    private const string Ambient = """
        CREATE OPERATOR CLASS ev.pair_ops DEFAULT FOR TYPE ev.pair USING btree AS OPERATOR 1 ev.<<< , FUNCTION 1 ev.pair_cmp(ev.pair, ev.pair);
        CREATE CAST (int AS ev.pair) WITH FUNCTION ev.to_pair(int) AS IMPLICIT;
        CREATE FUNCTION public.harmless_eq(box, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'; CREATE OPERATOR public.= (LEFTARG = box, RIGHTARG = text, FUNCTION = public.harmless_eq);
        """;

    private PostgresDatabase _database = null!;
    private SessionHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        var postgres = await server.ServerAsync();
        // One of its own: what is made here would make the statements of other tests suspicious.
        _database = await postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        await _database.ScriptAsync(Schema, TestContext.Current.CancellationToken);
        var policy = TestPolicy.Open("write").Add("GuardrailPack", "baseline", """{"pack":"postgres-baseline"}""");
        _host = await SessionHost.StartAsync(server, policy, upstreamUser: "postgres", upstreamPassword: postgres.Password);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Steps; the last one is the harm.</summary>
    private static readonly string[][] Cases =
    [
        // Code behind names.
        ["SELECT ev.sd()"], ["SELECT ev.wrap()"], ["SELECT ev.atomic()"], ["SELECT ev.lying(1)"], ["SELECT ev.dflt()"], ["SELECT ev.vari()"], ["SELECT ev.ends()"], ["SELECT * FROM ev.ts(1)"],
        ["SELECT ev.kill(0)"], ["SELECT ev.cfg('role', 'postgres', false)"], ["CALL ev.proc()"], ["SELECT * FROM ev.calls"], ["SELECT * FROM ev.secured"], ["BEGIN", "SELECT ev.cursor_of()"],
        ["SELECT 'a'::text OPERATOR(ev.=) 'b'"], ["SELECT 1 OPERATOR(ev.##) 5::bigint"], ["SELECT OPERATOR(ev.@#) 1"],
        ["SET search_path = ev, pg_catalog", "SELECT lower('X')"], ["SET search_path = ev, pg_catalog", "SELECT 'a' LIKE 'b'::text"], ["SET search_path = ev, pg_catalog", "SELECT 'a'::text = 'b'"],
        ["SET search_path = ev, pg_catalog", "SELECT CASE 'a'::text WHEN 'b' THEN 1 END"], ["SET search_path = ev, pg_catalog", "SELECT nullif('a'::text, 'b')"], ["SET search_path = ev, pg_catalog", "SELECT 'a'::text IN ('b', 'c')"],
        ["SET search_path = ev, pg_catalog", "SELECT 'a'::text = ANY (ARRAY['b'])"], ["SET search_path = ev, pg_catalog", "SELECT 'a'::text IS DISTINCT FROM 'b'"], ["SET search_path = ev, pg_catalog", "SELECT ('a'::text, 1) = ('b', 1)"],
        ["SET search_path = ev, pg_catalog", "SELECT count(*) FROM pg_class a JOIN pg_class b USING (relname) WHERE a.relname::text ~ 'x'"], ["SELECT set_config('search_path', 'ev, pg_catalog', false)", "SELECT lower('X')"],
        // Sorting, grouping and comparing call what the type's operator class names.
        ["SELECT p FROM ev.pairs ORDER BY p USING OPERATOR(ev.<<<)"], 
        
        // Casts, domains, aggregates.
        ["SELECT ev.agg(id) FROM ev.t"], ["SELECT ev.mov(id) OVER (ORDER BY id ROWS 1 PRECEDING) FROM ev.t"], ["SELECT 1::ev.dom"], ["SELECT ARRAY[1]::ev.doms"],
        ["SELECT 0::ev.killer"], ["SELECT '(1)'::ev.holds"], ["SELECT ROW(1)::ev.holds"], ["SELECT * FROM json_populate_record(NULL::ev.holds, '{\"d\":1}')"], ["SELECT * FROM jsonb_to_record('{\"d\":1}') AS x(d ev.dom)"],
        ["SELECT * FROM jsonb_to_recordset('[{\"d\":1}]') AS x(d ev.holds)"], ["SELECT * FROM xmltable('/a' PASSING '<a>1</a>'::xml COLUMNS d ev.dom PATH '.')"], ["SELECT '{1}'::ev.dom[]"], ["SELECT CAST('[1]'::jsonb->0 AS ev.dom)"],
        // Where rows are stored, expressions run.
        ["INSERT INTO ev.gen (a) VALUES (1)"], ["INSERT INTO ev.idx VALUES (1)"], ["INSERT INTO ev.partial VALUES (1)"], ["INSERT INTO ev.parts VALUES (1)"], ["INSERT INTO ev.excl VALUES (1)"], ["UPDATE ev.idx SET a = 2 WHERE a = 1"], ["COPY ev.idx FROM STDIN"],
        ["MERGE INTO ev.idx i USING (VALUES (1)) v(a) ON i.a = v.a WHEN NOT MATCHED THEN INSERT VALUES (v.a)"], ["WITH x AS (INSERT INTO ev.partial VALUES (1) RETURNING a) SELECT 1"],
        ["ANALYZE ev.stats"], ["ANALYZE ev.idx"], ["REINDEX TABLE ev.idx"], ["VACUUM ev.idx"], ["CREATE TEMP TABLE c (LIKE ev.idx INCLUDING ALL)"],
        ["INSERT INTO ev.trig VALUES (1)"], ["INSERT INTO ev.when_t VALUES (1)"], ["UPDATE ev.trig SET id = 1 WHERE id = 1"], ["INSERT INTO ev.inst VALUES (1)"], ["DELETE FROM ev.inst WHERE a = 1"], ["UPDATE ev.ruled SET id = 2 WHERE id = 1"],
        ["DELETE FROM ev.t WHERE id = 1"], ["COPY ev.log FROM STDIN WHERE ev.bool(1)"], ["INSERT INTO ev.log VALUES ('x') RETURNING ev.sd()"], ["INSERT INTO ev.t VALUES (1) ON CONFLICT (id) DO UPDATE SET v = 'y' WHERE ev.bool(1)"],
        ["UPDATE ev.t SET (v, id) = (SELECT 'x', ev.sd()) WHERE id = 1"], ["SELECT 1 LIMIT (SELECT ev.sd())"], ["SELECT 1 FETCH FIRST (ev.sd()) ROWS ONLY"], ["SELECT sum(id) OVER (ORDER BY id ROWS ev.sd() PRECEDING) FROM ev.t"], ["SELECT * FROM ev.t TABLESAMPLE bernoulli (ev.sd())"],
        ["SELECT string_agg(v, ',' ORDER BY ev.sd()) FROM ev.t"], ["DECLARE c CURSOR WITH HOLD FOR SELECT ev.sd()"], ["EXPLAIN (ANALYZE, TIMING off) SELECT ev.sd()"], ["CREATE TEMP TABLE c AS SELECT ev.sd()"], ["CREATE TEMP TABLE c (a int DEFAULT ev.sd())", "INSERT INTO c DEFAULT VALUES"],
        ["CREATE TEMP VIEW tv AS SELECT ev.sd()", "SELECT * FROM tv"],
        // What a name means changes under a prepared statement.
        ["CREATE TEMP TABLE t (id int)", "SET search_path = pg_temp, ev", "PREPARE p1 AS DELETE FROM t", "DROP TABLE pg_temp.t", "EXECUTE p1"],
        ["BEGIN", "CREATE TEMP TABLE t (id int)", "SET search_path = pg_temp, ev", "PREPARE p2 AS DELETE FROM t", "ROLLBACK", "SET search_path = ev", "EXECUTE p2"],
        ["CREATE TEMP TABLE t (id int)", "SET search_path = ev", "PREPARE p3 AS DELETE FROM t", "ALTER TABLE pg_temp.t RENAME TO u", "EXPLAIN ANALYZE EXECUTE p3"],
        ["SET search_path = ev", "CREATE TEMP TABLE t (id int) ON COMMIT DROP", "DELETE FROM t"],
        ["PREPARE p4 AS SELECT 1", "DEALLOCATE p4", "PREPARE p4 AS SELECT ev.sd()"], ["PREPARE p6 AS DELETE FROM ev.t", "EXECUTE p6"], ["PREPARE p7(int) AS DELETE FROM ev.t WHERE id = $1 OR $1 = 1", "EXECUTE p7(1)"],
        ["PREPARE p8 AS SELECT $1", "EXECUTE p8(ev.sd())"], ["CREATE TEMP TABLE c AS EXECUTE p9"],
        // Everything at once.
        ["DELETE FROM ev.t WHERE id IN (TABLE ev.t)"], ["DELETE FROM ev.t WHERE (SELECT true)"], ["DELETE FROM ev.t WHERE NOT EXISTS (SELECT WHERE false)"], ["DELETE FROM ev.t WHERE id = ANY (ARRAY(SELECT id FROM ev.t))"], ["DELETE FROM ev.t WHERE random() < 2"],
        ["UPDATE ev.t SET v = 'x' WHERE id BETWEEN SYMMETRIC 1000000 AND -1"], ["DELETE FROM ev.t WHERE v IS NOT DISTINCT FROM v"], ["DELETE FROM ONLY ev.t *"], ["DELETE FROM ev.t AS x (a, b) WHERE a = a"], ["MERGE INTO ev.t USING (SELECT) s ON true WHEN MATCHED THEN DELETE"],
        ["MERGE INTO ev.t t USING ev.t s ON t.id = s.id WHEN MATCHED AND t.id > 0 THEN UPDATE SET v = 'x'"], ["SELECT id FROM ev.t FOR UPDATE"], ["WITH RECURSIVE r AS (SELECT 1), d AS (DELETE FROM ev.t RETURNING *) SELECT * FROM r"], ["TABLE ev.t FOR UPDATE"],
        ["DELETE FROM ev.t WHERE ctid = ANY (SELECT ctid FROM ev.t)"], ["DELETE FROM ev.t WHERE id::text SIMILAR TO '%'"], ["DELETE FROM ev.t USING generate_series(1, 1000) g WHERE g = id"], ["DELETE FROM ev.t WHERE CURRENT OF nothing"], ["DELETE FROM ev.t WHERE id % 1 = 0"],
        // Texts that a careless reader takes for something else.
        ["SELECT 1 -- x", "SELECT 1 -- x\r; DELETE FROM ev.t"], ["SELECT 1 /* x */", "SELECT 1 /* /* x */ */; DELETE FROM ev.t"], ["SELECT 'a'", "SELECT E'\\'; DELETE FROM ev.t; --'; DELETE FROM ev.t"], ["SELECT $a$x$a$", "SELECT $a$x$A$; $a$; DELETE FROM ev.t"],
        ["SELECT $$;$$", "SELECT $é$;$é$; DELETE FROM ev.t"], ["SELECT 'a'\n'b'", "SELECT 'a' -- c\n'b'; DELETE FROM ev.t"], ["SELECT U&'d\\0061' UESCAPE '\\'", "SELECT U&'!' UESCAPE '!'; DELETE FROM ev.t; --'"], ["SELECT U&\"ev\".\"s\\0064\"()"], ["SELECT ev . U&\"!0073d\" UESCAPE '!' ()"],
        ["SELECT\u00a01"], ["\ufeffDELETE FROM ev.t"], ["SELECT 1 +/* x */-1", "SELECT 1 @-- 2\n; DELETE FROM ev.t"], ["SELECT 1e5", "SELECT 1_0; DELETE FROM ev.t"], ["SELECT \"a;b\" FROM (SELECT 1) x(\"a;b\")", "SELECT \"a\"\"; \" FROM (SELECT 1) x(\"a\"\"; \"); DELETE FROM ev.t"],
        ["dElEtE/**/fRoM\n\tev\f.\vt"], ["EXPLAIN (ANALYZE 'true') DELETE FROM ev.t"], ["EXPLAIN (ANALYZE off, ANALYZE 1) DELETE FROM ev.t"], ["BEGIN; SELECT 1; COMMIT; DELETE FROM ev.t"],
        // The server itself.
        ["COPY (SELECT 1) TO PROGRAM 'id'"], ["COPY ev.log FROM PROGRAM $$id$$"], ["COPY ev.log FROM PROGRAM E'\\x69\\x64'"], ["COPY ev.log FROM U&'/etc/passw\\0064'"], ["COPY (SELECT 1) TO '/tmp/weir-evasion'"], ["SELECT pg_catalog.\"pg_read_file\"('/etc/passwd')"], ["SELECT f FROM pg_ls_dir('/') f"],
        ["SELECT (pg_stat_file('/etc/passwd')).size"], ["SELECT lo_import('/etc/passwd')"], ["SELECT U&\"lo_\\0075nlink\"(1)"], ["SELECT lo_from_bytea(0, 'x')"], ["SELECT lo_put(1, 0, 'x')"], ["SELECT lowrite(0, 'x')"], ["SELECT data FROM pg_largeobject"],
        ["ALTER SYSTEM RESET ALL"], ["SELECT pg_reload_conf()"], ["SELECT k.* FROM pg_terminate_backend(0) k"], ["SELECT * FROM ev.killers"], ["SELECT * FROM ev.authid"], ["SELECT ev.reader()"], ["SELECT (a).rolpassword FROM pg_authid a"], ["SELECT a::text FROM pg_shadow a"], ["TABLE pg_authid"],
        ["LOAD 'auto_explain'"], ["CREATE EXTENSION dblink"], ["ALTER EXTENSION plpgsql UPDATE"], ["CREATE PUBLICATION p FOR ALL TABLES"], ["CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p"], ["SELECT pg_create_logical_replication_slot('s', 'test_decoding')"],
        ["SELECT * FROM pg_logical_slot_peek_changes('s', NULL, NULL)"], ["CREATE SERVER s FOREIGN DATA WRAPPER x"], ["CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION ev.tf()"], ["ALTER TABLE ev.t DISABLE TRIGGER ALL"], ["CREATE RULE x AS ON SELECT TO ev.log DO INSTEAD SELECT ev.sd()"],
        ["PREPARE TRANSACTION 'x'"], ["SELECT pg_logical_emit_message(false, 'a', 'b')"], ["SELECT pg_notify('x', v) FROM ev.t"], ["IMPORT FOREIGN SCHEMA x FROM SERVER y INTO ev"], ["DO LANGUAGE plpgsql 'BEGIN NULL; END'"],
        ["SELECT query_to_xml('select ev.sd()', true, false, '')"], ["SELECT * FROM ts_stat('SELECT ev.sd()::text::tsvector')"], ["SELECT ts_rewrite('a'::tsquery, 'SELECT ev.sd()::text::tsquery, NULL::tsquery')"], ["SELECT database_to_xml(true, false, '')"], ["SELECT pg_catalog.cursor_to_xml('rc', 1, true, true, '')"],
        // Who one is.
        ["SET ROLE postgres"], ["SET LOCAL ROLE 'postgres'"], ["SET SESSION AUTHORIZATION DEFAULT"], ["RESET SESSION AUTHORIZATION"], ["WITH s AS (SELECT set_config('role', 'postgres', false)) SELECT * FROM s"], ["SELECT set_config(n, 'postgres', false) FROM (VALUES ('role')) x(n)"],
        ["SELECT 1 ORDER BY set_config('ro' || 'le', 'postgres', false)"], ["UPDATE pg_settings SET setting = 'replica' WHERE name = 'session_replication_role'"], ["UPDATE ev.settable SET setting = 'replica' WHERE name = 'session_replication_role'"], ["SET session_replication_role = replica"],
        ["INSERT INTO ev.log SELECT set_config('session_replication_role', 'replica', true)"], ["SET \"session_replication_role\" TO 'replica'"], ["SET row_security = off"], ["SET local_preload_libraries = 'x'"], ["SET allow_system_table_mods = on"], ["SELECT set_config('log_statement', 'none', false)"],
        ["GRANT postgres TO PUBLIC"], ["ALTER ROLE postgres PASSWORD 'x'"], ["REASSIGN OWNED BY postgres TO orders_app"], ["ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC"], ["CREATE POLICY p2 ON ev.secured USING (true)"], ["SECURITY LABEL ON TABLE ev.t IS 'x'"],
        ["UPDATE pg_authid SET rolsuper = true WHERE rolname = 'orders_app'"], ["INSERT INTO pg_catalog.pg_auth_members DEFAULT VALUES"], ["DELETE FROM pg_trigger WHERE tgrelid = 1"], ["LOCK TABLE ev.t"], ["SELECT pg_sleep_for('1 hour')"], ["SELECT repeat('x', 100 * 10000000)"],
    ];

    private static readonly string[][] AmbientCases =
    [
        ["SELECT p FROM ev.pairs ORDER BY p"],
        ["SELECT DISTINCT p FROM ev.pairs"],
        ["SELECT p FROM ev.pairs GROUP BY p"],
        ["SELECT max(p) FROM (SELECT greatest(p, p) AS p FROM ev.pairs) x(p) WHERE false"],
        ["SELECT p FROM ev.pairs UNION SELECT p FROM ev.pairs"],
        ["SELECT rank() OVER (ORDER BY p) FROM ev.pairs"],
        ["SELECT least(p, p) FROM ev.pairs"],
        ["SELECT ARRAY(SELECT p FROM ev.pairs ORDER BY 1)"],
        ["SELECT ev.takes(1)"],
        ["SELECT 1::ev.pair"],
        ["INSERT INTO ev.pairs VALUES (1)"],
        ["PREPARE p5(ev.pair) AS SELECT $1 < $1"],
    ];

    /// <summary>What looks like the cases above and does no harm: it passes.</summary>
    private static readonly string[] Harmless =
    [
        "SELECT id, lower(v) FROM ev.fine WHERE v LIKE 'x%' ORDER BY lower(v), id", "SELECT DISTINCT v FROM ev.fine", "SELECT v, count(*) FROM ev.fine GROUP BY v", "INSERT INTO ev.fine (id) VALUES (1)", "UPDATE ev.fine SET v = 'y' WHERE id = 1",
        "DELETE FROM ev.fine WHERE id = 1", "SELECT ev.adds()", "SELECT ev.adds(b => 3)", "SELECT 1::ev.small", "SELECT ev.total(id) FROM ev.fine", "SELECT greatest(id, 1), least(v, 'a') FROM ev.fine", "SELECT id FROM ev.fine WHERE id = 1 FOR UPDATE",
        "INSERT INTO ev.fine_parts VALUES (1, 'a'), (2, 'b')", "UPDATE ev.fine_parts SET v = 'b' WHERE id = 1", "SELECT * FROM ev.fine_view", "SELECT 1 -- ; DELETE FROM ev.t", "SELECT '; DELETE FROM ev.t'", "SELECT $x$; DELETE FROM ev.t $x$", "SELECT U&'d\\0061ta'",
        "CREATE TEMP TABLE mine (LIKE ev.fine INCLUDING ALL)", "PREPARE fine AS SELECT id FROM ev.fine WHERE id = $1", "EXPLAIN SELECT ev.sd()", "SELECT set_config('work_mem', '8MB', true)", "SET search_path = ev, public", "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM ev.fine",
        "MERGE INTO ev.fine f USING (VALUES (1, 'x')) s(id, v) ON f.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)", "SELECT rolname FROM pg_roles", "SELECT usename FROM pg_user", "SELECT count(*) FROM pg_stat_activity",
    ];

    /// <summary>Case by case on sessions of their own: what one changes is of no concern to the next.</summary>
    [Fact]
    public Task None_of_the_ways_round_leads_anywhere() => TryAllAsync(Cases);

    [Fact]
    public async Task Code_that_may_run_in_any_expression_makes_every_expression_suspicious()
    {
        await _database.ExecuteAsync(Ambient, TestContext.Current.CancellationToken);
        await TryAllAsync(AmbientCases);
    }

    [Fact]
    public async Task What_only_looks_like_it_passes()
    {
        var stopped = new List<string>();
        foreach (var sql in Harmless)
        {
            foreach (var isExtended in (bool[])[false, true])
            {
                await using var client = await OpenAsync();
                if (await StopsAsync(client, sql, isExtended))
                    stopped.Add((isExtended ? "extended: " : "simple: ") + sql);
            }
        }

        stopped.ShouldBeEmpty();
    }

    private async Task TryAllAsync(string[][] cases)
    {
        var open = new List<string>();
        foreach (var steps in cases)
        {
            foreach (var isExtended in (bool[])[false, true])
            {
                await using var client = await OpenAsync();
                var wasStopped = false;
                foreach (var step in steps)
                {
                    try
                    {
                        wasStopped = await StopsAsync(client, step, isExtended);
                    }
                    catch (Exception fault) when (fault is OperationCanceledException or EndOfStreamException or IOException)
                    {
                        open.Add($"{fault.GetType().Name}: {step}");
                        break;
                    }

                    // What stops a step on the way stops what it leads to.
                    if (wasStopped)
                        break;
                }

                if (!wasStopped)
                    open.Add((isExtended ? "extended: " : "simple: ") + string.Join(" ⏎ ", steps));
            }
        }

        open.ShouldBeEmpty();
        await using var behind = new Npgsql.NpgsqlConnection(_database.ConnectionString);
        await behind.OpenAsync(TestContext.Current.CancellationToken);
        await using var count = new Npgsql.NpgsqlCommand("SELECT count(*) FROM ev.t", behind);
        (await count.ExecuteScalarAsync(TestContext.Current.CancellationToken)).ShouldBe(50L);
    }

    private async Task<RawClient> OpenAsync()
    {
        var client = await RawClient.ConnectAsync("127.0.0.1", _host.Port);
        await client.LogInAsync(SessionHost.Credential, SessionHost.Secret, $"orders/{_database.Name}");
        return client;
    }

    /// <summary>Whether the gateway stopped a statement: its own error, or a review. The server's error means that it came through.</summary>
    private static async Task<bool> StopsAsync(RawClient client, string sql, bool isExtended)
    {
        if (isExtended)
            client.Parse("", sql).Bind("", "").Execute().Sync();
        else
            client.Query(sql);
        await client.SendAsync();
        var stopped = false;
        while (true)
        {
            var message = await client.ReceiveAsync();
            switch (message.Type)
            {
                case BackendMessageType.NoticeResponse when message.ToString().StartsWith("N:weir: held", StringComparison.Ordinal):
                    return true;
                case BackendMessageType.ErrorResponse:
                    var error = message.Diagnostic;
                    // A text that does not parse, or several statements in one Parse, never reaches the database.
                    stopped |= error.Message.StartsWith("weir: ", StringComparison.Ordinal) || error.SqlState is "42601" or "26000";
                    break;
                case BackendMessageType.CopyInResponse:
                    client.Message('f', [0]);
                    if (isExtended)
                        client.Sync();
                    await client.SendAsync();
                    break;
                case BackendMessageType.ReadyForQuery:
                    return stopped;
            }
        }
    }
}
