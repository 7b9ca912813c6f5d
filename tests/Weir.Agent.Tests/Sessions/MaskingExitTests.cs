using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>
/// Every other way out of a database than the rows of a query, as the most powerful role there is: statistics, activity, files, pages, logs, plans, errors, notices,
/// notifications. What is refused is as good as what is masked.
/// </summary>
public sealed class MaskingExitTests(OwnServer own) : IClassFixture<OwnServer>, IAsyncLifetime
{
    private const string More = """
        CREATE FUNCTION vault.fixed() RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN (SELECT secret FROM vault.box WHERE id = 1); END $$;
        CREATE FUNCTION vault.fixed_sql() RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT secret FROM vault.box WHERE id = 1';
        CREATE FUNCTION vault.shout() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'it is %', (SELECT secret FROM vault.box WHERE id = 1) USING DETAIL = (SELECT secret FROM vault.box WHERE id = 2), HINT = (SELECT amount::text FROM vault.box WHERE id = 1); END $$;
        CREATE FUNCTION vault.fail(state text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it is %', (SELECT secret FROM vault.box WHERE id = 1)
          USING ERRCODE = state, COLUMN = (SELECT secret FROM vault.box WHERE id = 2), CONSTRAINT = (SELECT secret FROM vault.box WHERE id = 1), TABLE = (SELECT secret FROM vault.box WHERE id = 1); END $$;
        CREATE FUNCTION vault.claim() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ASSERT false, (SELECT secret FROM vault.box WHERE id = 1); END $$;
        CREATE FUNCTION vault.inner_fail(v text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN v::int; END $$;
        CREATE FUNCTION vault.bell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('bell', NEW.secret || NEW.amount); RAISE INFO 'changed %', NEW.secret; RETURN NEW; END $$;
        CREATE TRIGGER bell AFTER UPDATE ON vault.box FOR EACH ROW EXECUTE FUNCTION vault.bell();
        CREATE TABLE vault.strict (id int PRIMARY KEY, secret text NOT NULL CHECK (secret <> 'never'), other int NOT NULL, UNIQUE (secret));
        INSERT INTO vault.strict SELECT id, secret, 1 FROM vault.box;
        CREATE TABLE vault.sorted (secret text, v int) PARTITION BY LIST (secret);
        CREATE TABLE vault.sorted_one PARTITION OF vault.sorted FOR VALUES IN ('a');
        INSERT INTO vault.sorted VALUES ('a', 1);
        CREATE DOMAIN vault.never AS text CHECK (VALUE = 'x');
        CREATE STATISTICS vault.together (mcv) ON secret, plain FROM vault.box;
        CREATE INDEX box_secret ON vault.box (secret);
        CREATE INDEX box_upper ON vault.box (upper(secret));
        ANALYZE vault.box; ANALYZE vault.strict;
        SELECT lo_from_bytea(424242, 'Qzxvkjwpybmdhq');
        DO $$ DECLARE e text; BEGIN FOREACH e IN ARRAY ARRAY['pageinspect', 'pgstattuple', 'pg_walinspect', 'pg_stat_statements', 'pg_visibility', 'dblink', 'file_fdw', 'pg_buffercache', 'pgrowlocks', 'amcheck', 'hstore', 'citext', 'pgcrypto', 'tablefunc', 'xml2', 'unaccent', 'fuzzystrmatch', 'pg_trgm'] LOOP
          BEGIN EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I', e); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$;
        """;

    private static readonly SemaphoreSlim SetUp = new(1);
    private static bool _isSetUp;

    private readonly MaskingCanaries _canaries = new();
    private SessionHost _host = null!;

    /// <summary>In a schema of its own: other tests have theirs at the same time.</summary>
    private static string Own(string sql) => sql.Replace("vault", "exits", StringComparison.Ordinal);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var postgres = await own.Server.ServerAsync();
        await SetUp.WaitAsync(Cancel);
        try
        {
            if (!_isSetUp)
                await own.Server.ExecuteAsync(Own(MaskingCanaries.Setup + More));
            _isSetUp = true;
        }
        finally
        {
            SetUp.Release();
        }

        var columns = Own(MaskingCanaries.Columns).Replace("]", ",\"exits.strict.secret\",\"exits.sorted.secret\"]", StringComparison.Ordinal);
        _host = await SessionHost.StartAsync(
            own.Server, TestPolicy.Open("admin").Add("MaskingRule", "vault", $$"""{"columns":{{columns}},"mask":"redact","use":"allow"}"""), upstreamUser: PostgresServer.Superuser, upstreamPassword: postgres.Password);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    // Statistics.
    [InlineData("SELECT * FROM pg_stats WHERE schemaname = 'vault'")]
    [InlineData("SELECT s::text FROM pg_stats s WHERE schemaname = 'vault'")]
    [InlineData("SELECT histogram_bounds::text::text[] FROM pg_catalog.pg_stats")]
    [InlineData("SELECT * FROM pg_statistic")]
    [InlineData("SELECT stavalues1::text FROM pg_statistic WHERE starelid = 'vault.box'::regclass")]
    [InlineData("SELECT * FROM pg_stats_ext WHERE schemaname = 'vault'")]
    [InlineData("SELECT * FROM pg_stats_ext_exprs")]
    [InlineData("SELECT m.* FROM pg_statistic_ext_data, pg_mcv_list_items(stxdmcv) m")]
    [InlineData("SELECT stxdmcv::bytea FROM pg_statistic_ext_data")]
    [InlineData("TABLE pg_stats")]
    [InlineData("COPY pg_statistic TO STDOUT")]
    [InlineData("COPY (TABLE pg_stats) TO STDOUT")]
    // What others do.
    [InlineData("SELECT query FROM pg_stat_activity")]
    [InlineData("SELECT to_jsonb(a) FROM pg_stat_activity a")]
    [InlineData("SELECT query FROM pg_stat_get_activity(NULL)")]
    [InlineData("SELECT pg_stat_get_backend_activity(i) FROM pg_stat_get_backend_idset() i")]
    [InlineData("SELECT query, plans FROM pg_stat_statements")]
    [InlineData("SELECT query FROM pg_stat_statements(true)")]
    [InlineData("SELECT statement FROM pg_prepared_statements")]
    [InlineData("SELECT statement FROM pg_cursors")]
    // Files, pages, log.
    [InlineData("SELECT lo_get(424242)")]
    [InlineData("SELECT loread(lo_open(424242, 262144), 100)")]
    [InlineData("SELECT data FROM pg_largeobject")]
    [InlineData("SELECT string_agg(encode(data, 'escape'), '') FROM pg_largeobject")]
    [InlineData("COPY pg_largeobject TO STDOUT")]
    [InlineData("SELECT lo_export(424242, '/tmp/weir-leak')")]
    [InlineData("SELECT pg_read_file(pg_relation_filepath('vault.box'))")]
    [InlineData("SELECT pg_read_binary_file(pg_relation_filepath('vault.box'))")]
    [InlineData("SELECT encode(pg_read_binary_file(pg_relation_filepath('vault.box')), 'escape')")]
    [InlineData("SELECT pg_read_file(pg_current_logfile())")]
    [InlineData("SELECT * FROM pg_ls_logdir()")]
    [InlineData("CREATE TEMP TABLE l (v text); COPY l FROM '/etc/hostname'")]
    [InlineData("COPY vault.box TO '/tmp/weir-leak'")]
    [InlineData("COPY vault.box TO PROGRAM 'cat > /tmp/weir-leak'")]
    [InlineData("SELECT * FROM heap_page_items(get_raw_page('vault.box', 0))")]
    [InlineData("SELECT t_data FROM heap_page_items(get_raw_page('vault.box', 0))")]
    [InlineData("SELECT t_attrs FROM heap_page_item_attrs(get_raw_page('vault.box', 0), 'vault.box')")]
    [InlineData("SELECT get_raw_page('vault.box', 0)")]
    [InlineData("SELECT encode(get_raw_page('vault.box', 0), 'escape')")]
    [InlineData("SELECT data FROM bt_page_items('vault.box_secret', 1)")]
    [InlineData("SELECT tuple_data_split('vault.box'::regclass, t_data, t_infomask, t_infomask2, t_bits) FROM heap_page_items(get_raw_page('vault.box', 0))")]
    [InlineData("SELECT * FROM pgstattuple('vault.box')")]
    [InlineData("SELECT * FROM pg_get_wal_records_info_till_end_of_wal('0/1000000')")]
    [InlineData("SELECT block_data FROM pg_get_wal_block_info(pg_current_wal_lsn() - 100000, pg_current_wal_lsn())")]
    [InlineData("SELECT pg_create_logical_replication_slot('leak', 'test_decoding')")]
    [InlineData("SELECT * FROM pg_logical_slot_peek_changes('leak', NULL, NULL)")]
    [InlineData("SELECT * FROM pgrowlocks('vault.box')")]
    [InlineData("SELECT * FROM dblink('dbname=orders', 'SELECT secret FROM vault.box') AS t(s text)")]
    // Plans.
    [InlineData("EXPLAIN (ANALYZE, VERBOSE, SETTINGS) SELECT * FROM vault.box WHERE secret = (SELECT secret FROM vault.box WHERE id = 1)")]
    [InlineData("EXPLAIN VERBOSE SELECT vault.fixed()")]
    [InlineData("EXPLAIN VERBOSE SELECT vault.fixed_sql()")]
    [InlineData("EXPLAIN (FORMAT json, VERBOSE) SELECT * FROM vault.open WHERE note = vault.fixed()")]
    [InlineData("EXPLAIN SELECT * FROM vault.open WHERE note > vault.fixed_sql() || 'x'")]
    [InlineData("EXPLAIN (FORMAT xml) UPDATE vault.open SET note = vault.fixed()")]
    [InlineData("EXPLAIN (FORMAT yaml, ANALYZE, BUFFERS off) SELECT count(*) FROM vault.box WHERE amount > (SELECT min(amount) FROM vault.box)")]
    [InlineData("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_level = notice; SET auto_explain.log_analyze = on; SELECT vault.fixed()")]
    [InlineData("SET client_min_messages = debug5; SET debug_print_parse = on; SET debug_print_plan = on; SELECT * FROM vault.open WHERE note = vault.fixed()")]
    [InlineData("SET client_min_messages = log; SET log_statement = 'all'; SET log_min_duration_statement = 0; SELECT vault.fixed()")]
    // Errors and notices.
    [InlineData("SELECT vault.shout()")]
    [InlineData("SELECT vault.fail('22P02')")]
    [InlineData("SELECT vault.fail('42P01')")]
    [InlineData("SELECT vault.fail('57014')")]
    [InlineData("SELECT vault.fail('00001')")]
    [InlineData("SELECT vault.fail('P0001')")]
    [InlineData("SELECT vault.claim()")]
    [InlineData("SELECT vault.inner_fail(secret) FROM vault.box")]
    [InlineData("SELECT secret::vault.never FROM vault.box")]
    [InlineData("SELECT CAST(secret AS numeric) FROM vault.box")]
    [InlineData("SELECT secret::regclass FROM vault.box")]
    [InlineData("SELECT secret::regprocedure FROM vault.box")]
    [InlineData("SELECT secret::regtype FROM vault.box")]
    [InlineData("SELECT secret::regrole FROM vault.box")]
    [InlineData("SELECT secret::json FROM vault.box")]
    [InlineData("SELECT secret::xml::text::jsonb FROM vault.box")]
    [InlineData("SELECT xmlparse(DOCUMENT secret) FROM vault.box")]
    [InlineData("SELECT secret::interval FROM vault.box")]
    [InlineData("SELECT secret::macaddr, secret::bit FROM vault.box")]
    [InlineData("SELECT ('{' || secret)::int[] FROM vault.box")]
    [InlineData("SELECT ('(' || secret)::vault.pair FROM vault.box")]
    [InlineData("SELECT secret::tsquery FROM vault.box WHERE (secret || ' :x')::tsquery IS NOT NULL")]
    [InlineData("SELECT to_timestamp(secret, 'YYYY'), to_number(secret, '9') FROM vault.box")]
    [InlineData("SELECT 'x' ~ ('(' || secret) FROM vault.box")]
    [InlineData("SELECT 'x' LIKE 'y' ESCAPE secret FROM vault.box")]
    [InlineData("SELECT pg_input_error_info(secret, 'integer') FROM vault.box")]
    [InlineData("SELECT message FROM vault.box, pg_input_error_info(secret, 'uuid')")]
    [InlineData("SELECT amount::int FROM vault.box")]
    [InlineData("SELECT amount::smallint, sqrt(-amount) FROM vault.box")]
    [InlineData("SELECT chr(amount::int % 2000000000) FROM vault.box")]
    [InlineData("SELECT convert_to(secret, secret), encode(raw, secret) FROM vault.box")]
    [InlineData("SELECT current_setting(secret) FROM vault.box")]
    [InlineData("SELECT set_config(secret, 'x', false) FROM vault.box")]
    [InlineData("SELECT nextval(secret) FROM vault.box")]
    [InlineData("SELECT jsonb_path_query('{}', secret::jsonpath) FROM vault.box")]
    [InlineData("SELECT age(secret::timestamp) FROM vault.box")]
    [InlineData("SELECT pg_get_viewdef(secret) FROM vault.box")]
    [InlineData("SELECT to_tsvector(secret::regconfig, 'x') FROM vault.box")]
    [InlineData("SELECT timezone(secret, now()) FROM vault.box")]
    [InlineData("SELECT make_date(amount::int % 9999, 13, 1) FROM vault.box")]
    [InlineData("INSERT INTO vault.strict SELECT id + 10, secret, 1 FROM vault.strict")]
    [InlineData("UPDATE vault.strict SET secret = secret, id = 1")]
    [InlineData("UPDATE vault.strict SET other = NULL")]
    [InlineData("UPDATE vault.strict SET secret = 'never'")]
    [InlineData("UPDATE vault.strict SET id = NULL WHERE id = 1")]
    [InlineData("UPDATE vault.sorted SET secret = (SELECT secret FROM vault.box WHERE id = 1)")]
    [InlineData("ALTER TABLE vault.strict ADD CHECK (secret IN ('a'))")]
    [InlineData("ALTER TABLE vault.strict ADD FOREIGN KEY (secret) REFERENCES vault.strict (secret), ADD UNIQUE (other)")]
    [InlineData("ALTER TABLE vault.strict ALTER secret TYPE date USING secret::date")]
    [InlineData("ALTER TABLE vault.strict ALTER secret TYPE varchar(3)")]
    [InlineData("CREATE UNIQUE INDEX ON vault.strict ((left(secret, 0)))")]
    [InlineData("CREATE INDEX ON vault.strict ((secret::int))")]
    [InlineData("ALTER TABLE vault.strict ADD COLUMN n int GENERATED ALWAYS AS (secret::int) STORED")]
    [InlineData("LISTEN bell; UPDATE vault.box SET plain = 'p'")]
    [InlineData("LISTEN bell; SELECT pg_notify('bell', secret) FROM vault.box")]
    [InlineData("DO $$ BEGIN RAISE LOG '%', (SELECT secret FROM vault.box WHERE id = 1); RAISE INFO '%', (SELECT amount FROM vault.box WHERE id = 1); END $$")]
    [InlineData("DO $$ BEGIN EXECUTE (SELECT secret FROM vault.box WHERE id = 1); END $$")]
    [InlineData("SELECT crosstab.* FROM crosstab('SELECT id, plain, secret FROM vault.box') AS crosstab(id int, a text)")]
    [InlineData("SELECT encrypt(secret::bytea, 'k', 'aes'), digest(secret, 'sha256') FROM vault.box")]
    [InlineData("SELECT xpath_table('id', 'page', 'vault.box', '/a', 'true')")]
    [InlineData("SELECT show_trgm(secret), similarity(secret, 'x'), soundex(secret), unaccent(secret) FROM vault.box")]
    [InlineData("SELECT hstore('a', secret), secret::citext FROM vault.box")]
    // Row types, operators, and code that runs where nobody looks.
    [InlineData("SELECT (SELECT b FROM vault.box b WHERE id = 1) = (SELECT b FROM vault.box b WHERE id = 1), vault.box FROM vault.box")]
    [InlineData("SELECT x.* FROM vault.box b, LATERAL json_to_record(row_to_json(b)) AS x(secret text, amount text)")]
    [InlineData("SELECT jsonb_populate_record(NULL::vault.box, to_jsonb(b)) FROM vault.box b")]
    [InlineData("SELECT (jsonb_populate_recordset(NULL::vault.pair, '[{}]')).word, b.duo FROM vault.box b")]
    [InlineData("SELECT array_agg(b)::text FROM vault.box b")]
    [InlineData("SELECT unnest(array_agg(b)) FROM vault.box b")]
    [InlineData("SELECT (array_agg(b))[1].secret FROM vault.box b")]
    [InlineData("SELECT max(b::text) FROM vault.box b")]
    [InlineData("SELECT record_out(b) FROM vault.box b")]
    [InlineData("SELECT textcat(secret, ''), textout(secret) FROM vault.box")]
    [InlineData("SELECT int8out(amount), int8pl(amount, 0), int8_avg_accum(NULL, amount) FROM vault.box")]
    [InlineData("SELECT numeric_in(int8out(amount), 0, -1) FROM vault.box")]
    [InlineData("SELECT range_constructor.* FROM vault.box, LATERAL (SELECT numrange(amount, amount, '[]')) range_constructor")]
    [InlineData("SELECT multirange(span), unnest(multirange(span)) FROM vault.box")]
    [InlineData("SELECT upper_inc(span), span @> amount, upper(span) - lower(span) + lower(span) FROM vault.box")]
    [InlineData("SELECT width_bucket(amount, ARRAY[0::bigint, amount]), amount / 1000 * 1000 + amount % 1000 FROM vault.box")]
    [InlineData("SELECT generate_series(amount, amount) FROM vault.box")]
    [InlineData("SELECT * FROM vault.box b, generate_series(b.amount, b.amount + 1) g")]
    [InlineData("SELECT g FROM vault.box, LATERAL generate_series(born, born, interval '1 day') g")]
    [InlineData("SELECT date_bin('1 day', born::timestamp, born::timestamp), justify_days(born - date '1970-01-01' + interval '0') FROM vault.box")]
    [InlineData("SELECT age(born), isfinite(born), born - date '0001-01-01' FROM vault.box")]
    [InlineData("SELECT bit_and(amount), bit_or(amount), bit_xor(amount) FROM vault.box WHERE id = 1")]
    [InlineData("SELECT regr_avgx(amount, 1), corr(amount, amount), stddev(amount), variance(amount), var_pop(amount) FROM vault.box")]
    [InlineData("SELECT percentile_cont(0) WITHIN GROUP (ORDER BY amount) FROM vault.box")]
    [InlineData("SELECT rank(secret) WITHIN GROUP (ORDER BY secret), mode() WITHIN GROUP (ORDER BY secret) FROM vault.box WHERE id = 1 GROUP BY secret")]
    [InlineData("SELECT first_value(b) OVER (ORDER BY id) FROM vault.box b")]
    [InlineData("SELECT to_json(w) FROM (SELECT secret, row_number() OVER () FROM vault.box) w")]
    [InlineData("SELECT json_agg(w) FROM (SELECT secret FROM vault.box ORDER BY id) w")]
    [InlineData("SELECT jsonb_object(ARRAY['a'], ARRAY[secret]), json_object(ARRAY[[secret, 'b']]) FROM vault.box")]
    [InlineData("SELECT jsonb_strip_nulls(to_jsonb(b)) - 'id', to_jsonb(b) #- '{id}' FROM vault.box b")]
    [InlineData("SELECT to_jsonb(b) @> '{}', jsonb_path_query_first(to_jsonb(b), '$.secret') FROM vault.box b")]
    [InlineData("SELECT key, value FROM vault.box b, jsonb_each(to_jsonb(b))")]
    [InlineData("SELECT value ->> 0 FROM vault.box b, jsonb_path_query(jsonb_build_array(b.secret), '$') value")]
    [InlineData("SELECT string_to_array(b::text, ',') FROM vault.box b")]
    [InlineData("SELECT split_part(b::text, ',', 2), position('Q' IN b::text), substring(b::text FROM 3 FOR 14) FROM vault.box b")]
    [InlineData("SELECT regexp_replace(b::text, '^.(..)', '\\1'), regexp_count(secret, '.'), regexp_instr(secret, 'z') FROM vault.box b")]
    [InlineData("SELECT format('%1$s %1$L %1$I', secret), format('%s', VARIADIC ARRAY[secret]) FROM vault.box")]
    [InlineData("SELECT concat_ws(secret, 'a', 'b'), string_agg('x', secret) FROM vault.box GROUP BY secret")]
    [InlineData("SELECT translate('abcdefghijklmn', 'abcdefghijklmn', secret) FROM vault.box")]
    [InlineData("SELECT rpad('', 14, secret), lpad('', 14, secret), repeat(secret, 1), reverse(reverse(secret)) FROM vault.box")]
    [InlineData("SELECT replace('@', '@', secret), overlay(repeat('x', 14) PLACING secret FROM 1) FROM vault.box")]
    [InlineData("SELECT decode(encode(secret::bytea, 'hex'), 'hex'), sha256(secret::bytea), crc32(secret::bytea) FROM vault.box")]
    [InlineData("SELECT set_bit(raw, 0, get_bit(raw, 0)), set_byte(raw, 0, get_byte(raw, 0)), reverse(raw) FROM vault.box")]
    [InlineData("SELECT string_agg(raw, ''), bit_count(raw), md5(raw) || encode(raw, 'base64') FROM vault.box")]
    [InlineData("SELECT tsvector_to_array(to_tsvector('simple', secret)), ts_rank(lex, 'x'), setweight(lex, 'A'), ts_filter(lex, '{d}') FROM vault.box")]
    [InlineData("SELECT querytree(plainto_tsquery('simple', secret)), numnode(plainto_tsquery('simple', secret)) FROM vault.box")]
    [InlineData("SELECT ts_rewrite('a', 'SELECT ''a''::tsquery, to_tsquery(''simple'', secret) FROM vault.box WHERE id = 1')")]
    [InlineData("SELECT * FROM ts_debug('simple', (SELECT secret FROM vault.box WHERE id = 1))")]
    [InlineData("SELECT ts_lexize('simple', secret), ts_headline(doc, 'x'::tsquery), json_to_tsvector('simple', doc::json, '\"all\"') FROM vault.box")]
    [InlineData("SELECT macaddr8_set7bit(NULL), inet_merge(addr, addr), family(addr), hostmask(addr), addr & addr, addr | addr FROM vault.box")]
    [InlineData("SELECT inet_out(addr), cidr(addr), addr::text::cidr, host(addr) FROM vault.box")]
    [InlineData("SELECT uuid_extract_timestamp(token), token::text::bytea, decode(replace(token::text, '-', ''), 'hex') FROM vault.box")]
    [InlineData("SELECT xmlpi(name p, secret), xmlcomment(secret), xmlelement(name e, xmlattributes(secret AS a)), xmlroot(page, version '1.0') FROM vault.box")]
    [InlineData("SELECT xpath_exists('/a', page), (xpath('//@b', page))[1], xmlexists('/a' PASSING page), page IS DOCUMENT FROM vault.box")]
    [InlineData("SELECT cursor_to_xmlschema('c', true, false, '')")]
    [InlineData("SELECT schema_to_xml('vault', true, false, '')")]
    [InlineData("SELECT pg_catalog.query_to_xml(query, true, false, '') FROM (SELECT 'TABLE ' || 'vault.box' AS query) q")]
    [InlineData("SELECT merge_action() FROM vault.box")]
    [InlineData("MERGE INTO vault.strict s USING vault.box b ON s.id = b.id WHEN MATCHED THEN UPDATE SET other = 2 RETURNING merge_action(), b.secret, old.secret, new.*, s")]
    [InlineData("UPDATE vault.strict SET other = 3 RETURNING old, new, WITH")]
    [InlineData("UPDATE vault.strict SET other = 3 RETURNING WITH (OLD AS o, NEW AS n) o.secret, n.secret, o, n.*")]
    [InlineData("DELETE FROM vault.strict USING vault.box b WHERE false RETURNING b.*, strict")]
    [InlineData("WITH RECURSIVE t(n, s) AS (SELECT 1, secret FROM vault.box WHERE id = 1 UNION SELECT n + 1, s FROM t WHERE n < 3) SEARCH DEPTH FIRST BY n SET o CYCLE n SET c USING p SELECT o, p, s FROM t")]
    [InlineData("WITH RECURSIVE t(s) AS (SELECT secret FROM vault.box WHERE id = 1 UNION SELECT s FROM t) CYCLE s SET c USING p SELECT p FROM t")]
    [InlineData("WITH RECURSIVE t(s, n) AS (SELECT secret, 1 FROM vault.box WHERE id = 1 UNION ALL SELECT s, n + 1 FROM t WHERE n < 2) SEARCH BREADTH FIRST BY s SET o SELECT o FROM t")]
    [InlineData("SELECT * FROM vault.box PIVOT")]
    [InlineData("SELECT b.* FROM vault.box AS b (a1, a2, a3, a4) WHERE a1 = 1")]
    [InlineData("SELECT a2, a3 FROM vault.box AS b (a1, a2, a3)")]
    [InlineData("SELECT j.x2 FROM (vault.box JOIN vault.open USING (id)) AS j (x1, x2, x3)")]
    [InlineData("SELECT u.id, j.secret FROM vault.box JOIN vault.kept AS j USING (id) AS u")]
    [InlineData("(SELECT secret FROM vault.box ORDER BY id LIMIT 1) UNION ALL (TABLE vault.tags_none) ORDER BY 1")]
    [InlineData("(VALUES ('x')) UNION ALL (SELECT secret FROM vault.box) LIMIT 5")]
    [InlineData("SELECT s FROM (VALUES ('a'), ((SELECT secret FROM vault.box WHERE id = 1))) v(s)")]
    [InlineData("SELECT CASE id WHEN 1 THEN secret ELSE secret END, NULLIF(secret, 'x'), COALESCE(NULL, secret), GREATEST(secret, 'A') FROM vault.box")]
    [InlineData("SELECT (SELECT string_agg(c, '' ORDER BY o) FROM string_to_table(secret, NULL) WITH ORDINALITY AS t(c, o)) FROM vault.box")]
    [InlineData("SELECT ARRAY(SELECT secret FROM vault.box ORDER BY id), ARRAY[ARRAY[secret]], ARRAY[duo] FROM vault.box")]
    [InlineData("SELECT array_to_json(array_agg(secret)), array_to_string(array_agg(secret), ''), array_cat(tags, tags), array_replace(tags, 'other', 'x') FROM vault.box")]
    [InlineData("SELECT tags[1:1], tags[array_length(tags, 1)], (tags || tags)[1], cardinality(tags), array_remove(tags, 'other') FROM vault.box")]
    [InlineData("SELECT duo::text, (duo).word || '', ROW((duo).*), to_json(duo) -> 'word' FROM vault.box")]
    [InlineData("SELECT pg_column_size(secret), pg_column_compression(secret), hashtext(secret), secret FROM vault.box")]
    [InlineData("SELECT convert(secret::bytea, 'UTF8', 'LATIN1'), convert_from(secret::bytea, 'LATIN1') FROM vault.box")]
    [InlineData("SELECT ('a' || secret)::name, secret::varchar(5), secret::char(20), secret::text COLLATE \"C\", CAST(secret AS text) FROM vault.box")]
    [InlineData("SELECT pg_get_constraintdef(oid), pg_get_expr(conbin, conrelid) FROM pg_constraint; SELECT obj_description('vault.box'::regclass)")]
    [InlineData("PREPARE secret_plan AS SELECT secret FROM vault.box; EXPLAIN (VERBOSE, ANALYZE, FORMAT json) EXECUTE secret_plan; EXECUTE secret_plan; DEALLOCATE secret_plan")]
    [InlineData("BEGIN; DECLARE c1 BINARY SCROLL CURSOR WITH HOLD FOR SELECT secret, amount FROM vault.box; COMMIT; FETCH ALL FROM c1; FETCH PRIOR FROM c1; FETCH RELATIVE -1 FROM c1; CLOSE c1")]
    [InlineData("BEGIN; SELECT lo_create(424243); SELECT lo_put(424243, 0, secret::bytea) FROM vault.box WHERE id = 1; SELECT lo_get(424243); ROLLBACK")]
    [InlineData("BEGIN; CREATE TABLE vault.later (v text); INSERT INTO vault.later SELECT shown FROM vault.seen; SELECT v FROM vault.later; COMMIT; SELECT v FROM vault.later; DROP TABLE vault.later")]
    [InlineData("BEGIN; CREATE FUNCTION vault.late() RETURNS text LANGUAGE sql AS 'SELECT secret FROM vault.box WHERE id = 1'; SELECT vault.late(); CREATE TABLE vault.later (v text DEFAULT vault.late()); INSERT INTO vault.later DEFAULT VALUES; SELECT v FROM vault.later; ROLLBACK")]
    [InlineData("BEGIN; CREATE TABLE vault.later (id int, v text GENERATED ALWAYS AS (vault.fixed()) STORED); INSERT INTO vault.later VALUES (1); SELECT v FROM vault.later; ROLLBACK")]
    [InlineData("BEGIN; ALTER TABLE vault.open ALTER note SET DEFAULT vault.fixed(); INSERT INTO vault.open (id) VALUES (900); SELECT note FROM vault.open; ROLLBACK")]
    [InlineData("BEGIN; ALTER TABLE vault.open ADD COLUMN fresh text DEFAULT vault.fixed(); SELECT fresh FROM vault.open; SELECT attmissingval FROM pg_attribute WHERE attrelid = 'vault.open'::regclass; ROLLBACK")]
    [InlineData("BEGIN; CREATE TEMP TABLE t1 (s text); INSERT INTO t1 VALUES (vault.fixed()); SELECT s FROM t1; ROLLBACK")]
    [InlineData("BEGIN; CREATE AGGREGATE vault.keep(text) (SFUNC = textcat, STYPE = text, INITCOND = ''); SELECT vault.keep(secret) FROM vault.box; ROLLBACK")]
    [InlineData("BEGIN; CREATE VIEW vault.v1 WITH (security_invoker) AS SELECT secret AS s FROM vault.box; CREATE VIEW vault.v2 AS SELECT s || '' AS r FROM vault.v1; SELECT r FROM vault.v2; ROLLBACK")]
    [InlineData("BEGIN; CREATE FOREIGN TABLE vault.ft (v text) SERVER none; SELECT v FROM vault.ft; ROLLBACK")]
    [InlineData("BEGIN; CREATE TRIGGER t BEFORE INSERT ON vault.open FOR EACH ROW EXECUTE FUNCTION vault.bell(); INSERT INTO vault.open VALUES (901, 'n', 1); ROLLBACK")]
    [InlineData("BEGIN; CREATE OPERATOR vault.## (LEFTARG = text, FUNCTION = upper); ROLLBACK; SELECT secret OPERATOR(pg_catalog.||) '' FROM vault.box")]
    [InlineData("BEGIN; CREATE CAST (text AS date) WITH INOUT AS ASSIGNMENT; SELECT secret::date FROM vault.box; ROLLBACK")]
    [InlineData("BEGIN; CREATE TYPE vault.late_enum AS ENUM ('a'); SELECT secret::vault.late_enum FROM vault.box; ROLLBACK")]
    [InlineData("BEGIN; SET LOCAL DateStyle = 'German'; SELECT born, born::text FROM vault.box; SET LOCAL IntervalStyle = iso_8601; SET LOCAL bytea_output = escape; SELECT raw FROM vault.box; SET LOCAL extra_float_digits = 3; SELECT amount::float8 FROM vault.box; ROLLBACK")]
    [InlineData("SET client_encoding = 'LATIN1'; SELECT secret, amount FROM vault.box; COPY vault.box TO STDOUT; RESET client_encoding")]
    [InlineData("SET client_encoding = 'UTF8'; SET quote_all_identifiers = on; SET xmloption = document; SELECT page, xmlserialize(DOCUMENT page AS text) FROM vault.box; RESET ALL")]
    public async Task No_other_way_out_shows_a_masked_value(string script)
    {
        script = Own(script);
        await using var other = new NpgsqlConnection((await own.Server.ServerAsync()).ConnectionString(SampleServer.Database));
        await other.OpenAsync(Cancel);
        await using var busy = new NpgsqlCommand("SELECT 'Qzxvkjwpybmdhq', 86753094171", other);
        await busy.ExecuteNonQueryAsync(Cancel);
        await using var client = await _host.OpenRawAsync();
        string[] statements = script.Contains("; ", StringComparison.Ordinal) && !script.StartsWith("DO", StringComparison.Ordinal) ? script.Split("; ") : [script];

        var leaks = new List<string>();
        foreach (var sql in statements)
            Look(sql, await client.Query(sql).RoundTripAsync());
        // Notifications come when the session is idle, or with its next answer.
        Look("after it", await client.Query("SELECT 1").RoundTripAsync());
        client.Parse("", statements[^1]).Bind("", "").DescribePortal("").Execute().Sync();
        Look("extended", await client.RoundTripAsync());

        leaks.ShouldBeEmpty();
        foreach (var recorded in _host.Events())
            _canaries.Find(System.Text.Encoding.UTF8.GetBytes(recorded.ToString())).ShouldBeNull(recorded.ToString());

        void Look(string what, List<RawMessage> messages)
        {
            if (_canaries.Find(messages) is { } found)
                leaks.Add($"{what} gave {found}: {string.Join(' ', messages.Texts())}");
        }
    }

    [Theory]
    [InlineData("vault.secret_of(int)", "1")]
    [InlineData("vault.fixed()", null)]
    [InlineData("vault.fixed_sql()", null)]
    [InlineData("vault.fail(text)", "22P02")]
    [InlineData("vault.inner_fail(text)", "x")]
    [InlineData("lo_get(oid)", "424242")]
    [InlineData("pg_read_file(text)", "PG_VERSION")]
    [InlineData("pg_stat_get_backend_activity(int)", "1")]
    [InlineData("query_to_xml(text, boolean, boolean, text)", "TABLE vault.box|t|f|")]
    [InlineData("table_to_xml(regclass, boolean, boolean, text)", "vault.box|t|f|")]
    public async Task A_function_call_of_the_protocol_shows_none_either(string function, string? arguments)
    {
        var oid = uint.Parse((await own.Server.AskAsync($"SELECT '{Own(function)}'::regprocedure::oid::text"))!, System.Globalization.CultureInfo.InvariantCulture);
        byte[][] values = arguments is null ? [] : [.. arguments.Split('|').Select(a => System.Text.Encoding.UTF8.GetBytes(Own(a)))];
        await using var client = await _host.OpenRawAsync();
        foreach (var format in new[] { FormatCode.Text, FormatCode.Binary })
        {
            Protocol.Postgres.Frontend.FunctionCall.Write(client.Out, oid, FormatCode.Text, values, format);
            var messages = await client.RoundTripAsync();
            _canaries.Find(messages).ShouldBeNull(string.Join(' ', messages.Texts()));
        }
    }

    [Fact]
    public async Task Notifications_show_what_people_wrote_unless_a_function_may_have_written_it()
    {
        await using var bells = await _host.OpenRawAsync();
        await bells.Query("LISTEN plain").RoundTripAsync();
        await own.Server.ExecuteAsync("NOTIFY plain, 'hello'");
        var heard = await Testing.Eventually.GetAsync(
            async () => (await bells.Query("SELECT 1").RoundTripAsync()).Where(m => m.Type == BackendMessageType.NotificationResponse).Select(m => System.Text.Encoding.UTF8.GetString(m.Body)).FirstOrDefault(),
            TimeSpan.FromSeconds(10),
            "the notification comes",
            Cancel);

        // This database has a trigger that notifies.
        heard.ShouldContain("plain");
        heard.ShouldNotContain("hello");
        heard.ShouldContain("*****");
    }
}
