using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis;

namespace Weir.Sql.Tests.Analysis;

public sealed class NamesTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData(new[] { "public" }, "public.orders")]
    [InlineData(new[] { "other", "public" }, "other.orders")]
    [InlineData(new[] { "$user", "other" }, "other.orders")]
    [InlineData(new[] { "missing", "public", "other" }, "public.orders")]
    public void A_name_means_the_first_of_the_search_path(string[] path, string expected) =>
        shop.One("SELECT 1 FROM orders", shop.Context with { SearchPath = [.. path] }).Relations.ShouldHaveSingleItem().Candidates.ShouldHaveSingleItem().ToString().ShouldBe(expected);

    [Fact]
    public void The_user_names_a_schema()
    {
        AnalysisContext context = shop.Context with { SearchPath = ["$user", "public"], CurrentUser = "other" };

        shop.One("SELECT 1 FROM orders", context).Relations.ShouldHaveSingleItem().Candidates.ShouldHaveSingleItem().Schema.ShouldBe("other");
    }

    [Fact]
    public void A_function_of_the_path_that_overloads_a_system_function_counts()
    {
        shop.One("SELECT lower('A')").Effects.ShouldBe(Effects.Read);
        shop.One("SELECT lower('A')", shop.Context with { SearchPath = ["other", "public"] }).Effects.HasFlag(Effects.Call | Effects.Delete).ShouldBeTrue();
        shop.One("SELECT pg_catalog.lower('A')", shop.Context with { SearchPath = ["other", "public"] }).Effects.ShouldBe(Effects.Read);
    }

    [Fact]
    public void An_unknown_path_makes_a_name_mean_all_of_that_name()
    {
        RelationReference relation = shop.One("DELETE FROM orders WHERE id = 1", shop.Context with { SearchPath = default }).Relations.First(r => r.Effects.HasFlag(Effects.Delete));

        relation.IsAmbiguous.ShouldBeTrue();
        relation.Candidates.ShouldContain(new QualifiedName("public", "orders"));
        relation.Candidates.ShouldContain(new QualifiedName("other", "orders"));
    }

    [Fact]
    public void Temporary_relations_stand_before_others()
    {
        StatementAnalysis made = shop.One("CREATE TEMP TABLE orders AS SELECT email AS secret FROM customers");
        AnalysisContext context = shop.Context with { Temporary = TemporaryObjects.None.After(made) };

        StatementAnalysis read = shop.One("SELECT * FROM orders", context);

        read.Relations.ShouldHaveSingleItem().Candidates.ShouldHaveSingleItem().ShouldBe(new QualifiedName("pg_temp", "orders"));
        ResultColumn column = read.ResultColumns.ShouldHaveSingleItem();
        column.Name.ShouldBe("secret");
        ShopFixture.SourcesOf(column).ShouldContain("customers.email");
        shop.One("DELETE FROM orders", context).RowLimit.ShouldBe(RowLimit.NotApplicable);
        StatementAnalysis dropped = shop.One("DROP TABLE orders", context);
        dropped.Effects.ShouldBe(Effects.Delete);
        context.Temporary.After(dropped).Relations.ShouldBeEmpty();
    }

    [Fact]
    public void A_temporary_view_is_looked_through()
    {
        AnalysisContext context = shop.Context with { Temporary = TemporaryObjects.None.After(shop.One("CREATE TEMP VIEW v AS SELECT email AS e, purge() AS p FROM customers")) };

        StatementAnalysis read = shop.One("SELECT e FROM v", context);

        ShopFixture.SourcesOf(read.ResultColumns.ShouldHaveSingleItem()).ShouldContain("customers.email");
        read.Effects.HasFlag(Effects.Call).ShouldBeTrue();
    }

    [Fact]
    public void Temporary_objects_that_nobody_saw_make_names_ambiguous() =>
        shop.One("SELECT 1 FROM orders", shop.Context with { Temporary = TemporaryObjects.None.Uncertain() }).Relations.ShouldHaveSingleItem().IsAmbiguous.ShouldBeTrue();

    [Theory]
    [InlineData("SET search_path = other; DELETE FROM orders WHERE id = 1")]
    [InlineData("SELECT set_config('search_path', 'other', false); SELECT 1 FROM orders")]
    [InlineData("RESET ALL; SELECT 1 FROM orders")]
    [InlineData("ALTER TABLE orders RENAME TO x; SELECT 1 FROM orders")]
    [InlineData("CREATE FUNCTION public.abs(int) RETURNS int LANGUAGE sql AS 'SELECT purge()'; SELECT * FROM contacts")]
    [InlineData("DO $$ BEGIN EXECUTE 'SET search_path = other'; END $$; SELECT 1 FROM orders")]
    [InlineData("SELECT run('SET search_path = other'); SELECT 1 FROM orders")]
    public void A_statement_whose_names_an_earlier_one_may_change_is_unknown(string sql) =>
        shop.Script(sql).Statements[^1].Effects.HasFlag(Effects.Unknown).ShouldBeTrue();

    [Theory]
    [InlineData("SET search_path = other; SELECT 1")]
    [InlineData("CREATE TABLE x (a int); CREATE INDEX ON x (a)")]
    [InlineData("BEGIN; UPDATE orders SET note = 'x' WHERE id = 1; COMMIT")]
    [InlineData("CREATE TEMP TABLE x (a int); INSERT INTO x VALUES (1); SELECT * FROM x; DROP TABLE x")]
    [InlineData("PREPARE p AS SELECT 1; EXECUTE p; DEALLOCATE p")]
    [InlineData("BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers; FETCH ALL FROM c; CLOSE c; COMMIT")]
    public void Texts_whose_statements_do_not_disturb_each_other_are_known(string sql) =>
        shop.Script(sql).Effects.HasFlag(Effects.Unknown).ShouldBeFalse();

    [Theory]
    [InlineData("CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'x'); INSERT INTO t (name) VALUES ('a'); CREATE INDEX ON t (name); ALTER TABLE t ADD COLUMN n int; UPDATE t SET n = 1 WHERE id = 1")]
    [InlineData("CREATE TABLE IF NOT EXISTS \"__EFMigrationsHistory\" (\"MigrationId\" character varying(150) NOT NULL, CONSTRAINT \"PK\" PRIMARY KEY (\"MigrationId\")); START TRANSACTION; CREATE TABLE b (id int GENERATED BY DEFAULT AS IDENTITY, u text, CONSTRAINT pk PRIMARY KEY (id)); CREATE TABLE p (id int, b int, CONSTRAINT fk FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE); CREATE INDEX ix ON p (b); INSERT INTO \"__EFMigrationsHistory\" VALUES ('1'); COMMIT")]
    [InlineData("DROP TABLE IF EXISTS t; CREATE TABLE t (id int); INSERT INTO t VALUES (1)")]
    [InlineData("DROP TABLE with_trigger; CREATE TABLE with_trigger (id int); INSERT INTO with_trigger VALUES (1)")]
    [InlineData("CREATE SCHEMA app; CREATE TABLE app.t (id int); INSERT INTO app.t SELECT 1; SELECT id FROM app.t")]
    [InlineData("DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA other; CREATE TABLE other.orders (id int); INSERT INTO other.orders VALUES (1)")]
    [InlineData("CREATE SEQUENCE s; SELECT setval('s', 10); SELECT nextval('s')")]
    [InlineData("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood DEFAULT 'ok'); INSERT INTO t VALUES ('sad'::mood)")]
    [InlineData("CREATE DOMAIN d AS text CHECK (VALUE <> ''); CREATE TABLE t (v d); INSERT INTO t VALUES ('a')")]
    [InlineData("CREATE VIEW fresh AS SELECT id FROM orders; COMMENT ON VIEW fresh IS 'x'; UPDATE orders SET note = 'x' WHERE id = 1")]
    [InlineData("CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'; INSERT INTO audit (what) VALUES ('x')")]
    [InlineData("ALTER TABLE orders ADD COLUMN extra text; UPDATE orders SET extra = note; ALTER TABLE orders DROP COLUMN extra; DELETE FROM orders WHERE id = 1")]
    [InlineData("CREATE TABLE part PARTITION OF people FOR VALUES IN ('us'); SELECT count(*) FROM people")]
    [InlineData("GRANT SELECT ON orders TO PUBLIC; SELECT count(*) FROM orders")]
    public void Plain_definitions_count_for_the_statements_behind_them(string sql)
    {
        ScriptAnalysis script = shop.Script(sql);

        script.Effects.HasFlag(Effects.Unknown).ShouldBeFalse(string.Join("; ", script.Statements.SelectMany(s => s.Notes)));
        script.Statements.ShouldAllBe(s => !s.HasUnresolvedNames);
    }

    [Theory]
    [InlineData("CREATE VIEW fresh AS SELECT purge() AS n; SELECT * FROM fresh")]
    [InlineData("CREATE VIEW fresh AS SELECT purge() AS n; SELECT 'fresh'::regclass, id FROM orders")]
    [InlineData("CREATE TABLE fresh AS SELECT email FROM customers; SELECT * FROM fresh")]
    [InlineData("SELECT email INTO fresh FROM customers; SELECT * FROM public.fresh")]
    [InlineData("CREATE FUNCTION fresh(orders) RETURNS int LANGUAGE sql AS 'SELECT purge()'; SELECT o.fresh FROM orders o")]
    [InlineData("CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT purge()'; SELECT \"fresh\"() FROM orders")]
    [InlineData("CREATE OR REPLACE FUNCTION clean(text) RETURNS text LANGUAGE sql AS 'SELECT purge()::text'; SELECT id FROM orders")]
    [InlineData("CREATE TABLE t (id int); CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION bomb(); INSERT INTO t VALUES (1)")]
    [InlineData("CREATE TRIGGER x AFTER INSERT ON audit EXECUTE FUNCTION bomb(); SELECT id FROM orders")]
    [InlineData("CREATE RULE x AS ON UPDATE TO audit DO ALSO DELETE FROM orders; UPDATE audit SET what = 'x'")]
    [InlineData("DROP RULE also ON with_rule; INSERT INTO with_rule VALUES (1)")]
    [InlineData("CREATE TABLE t (LIKE with_default INCLUDING ALL); INSERT INTO t (id) VALUES (1)")]
    [InlineData("CREATE TABLE t () INHERITS (with_default); INSERT INTO t (id) VALUES (1)")]
    [InlineData("CREATE TABLE t (v int DEFAULT purge()); INSERT INTO t DEFAULT VALUES")]
    [InlineData("CREATE TABLE t (id int); ROLLBACK; SELECT * FROM t")]
    [InlineData("BEGIN; SAVEPOINT s; CREATE TABLE orders_new (id int); ROLLBACK TO s; SELECT * FROM orders_new")]
    [InlineData("BEGIN; CREATE TABLE t (id int); PREPARE TRANSACTION 'p'; SELECT * FROM t")]
    [InlineData("COMMIT PREPARED 'p'; SELECT id FROM orders")]
    [InlineData("ALTER TABLE other.orders SET SCHEMA public; SELECT * FROM orders")]
    [InlineData("ALTER VIEW contacts RENAME TO contacts_old; CREATE TABLE contacts (id int); SELECT * FROM contacts")]
    [InlineData("ALTER TABLE vip NO INHERIT customers; SELECT id FROM customers")]
    [InlineData("CREATE CAST (int AS box_of) WITH INOUT AS IMPLICIT; SELECT id FROM orders")]
    [InlineData("CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = op); SELECT id FROM orders")]
    [InlineData("CREATE EXTENSION hstore; SELECT id FROM orders")]
    [InlineData("CREATE POLICY p ON audit USING (true); SELECT id FROM audit")]
    public void What_a_definition_does_not_tell_is_not_used_in_the_same_text(string sql) =>
        shop.Script(sql).Statements[^1].Effects.HasFlag(Effects.Unknown).ShouldBeTrue();

    [Fact]
    public void A_new_table_is_what_its_name_means_from_there_on()
    {
        StatementAnalysis read = shop.Script("CREATE TABLE public.lists (id int, ssn text); INSERT INTO lists SELECT id, ssn FROM customers; SELECT ssn FROM lists").Statements[^1];

        ShopFixture.SourcesOf(read.ResultColumns.ShouldHaveSingleItem()).ShouldBe("lists.ssn");
        read.Relations.ShouldHaveSingleItem().Candidates.ShouldHaveSingleItem().ToString().ShouldBe("public.lists");
    }

    [Fact]
    public void A_table_that_shadows_another_takes_its_place()
    {
        AnalysisContext context = shop.Context with { SearchPath = ["other", "public"] };

        StatementAnalysis changed = shop.Script("CREATE TABLE customers (id int); DELETE FROM customers", context).Statements[^1];

        changed.Relations.ShouldHaveSingleItem().Candidates.ShouldHaveSingleItem().ToString().ShouldBe("other.customers");
    }

    [Fact]
    public void Foreign_keys_of_new_tables_and_columns_cascade()
    {
        const string sql = "CREATE TABLE t (id int REFERENCES customers (id) ON DELETE CASCADE); DELETE FROM customers WHERE id = 1";

        shop.Script(sql).Statements[^1].Relations.ShouldContain(r => r.Candidates[0].Name == "t" && r.Effects.HasFlag(Effects.Delete));
    }

    [Fact]
    public void The_catalog_itself_does_not_change()
    {
        shop.Script("DROP TABLE orders; CREATE TABLE orders (x int); SELECT x FROM orders");

        shop.One("SELECT note FROM orders").HasUnresolvedNames.ShouldBeFalse();
    }

    [Fact]
    public void Execute_is_judged_as_what_was_prepared()
    {
        StatementAnalysis prepared = shop.One("DELETE FROM orders RETURNING note");
        AnalysisContext context = shop.Context with { PreparedStatements = new Dictionary<string, StatementAnalysis> { ["p"] = prepared } };

        StatementAnalysis execute = shop.One("EXECUTE p", context);

        execute.Effects.ShouldBe(prepared.Effects);
        execute.RowLimit.ShouldBe(RowLimit.Unlimited);
        ShopFixture.SourcesOf(execute.ResultColumns.ShouldHaveSingleItem()).ShouldBe("orders.note");
        shop.One("EXPLAIN ANALYZE EXECUTE p", context).RowLimit.ShouldBe(RowLimit.Unlimited);
        shop.One("EXECUTE q", context).Effects.HasFlag(Effects.Unknown).ShouldBeTrue();
    }

    [Fact]
    public void Fetch_answers_the_columns_of_its_cursor()
    {
        StatementAnalysis fetch = shop.Script("BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers; FETCH ALL FROM c").Statements[^1];

        ShopFixture.SourcesOf(fetch.ResultColumns.ShouldHaveSingleItem()).ShouldContain("customers.email");
        shop.One("FETCH ALL FROM unseen").IsLineageProvable.ShouldBeFalse();
    }

    [Theory]
    [InlineData("SET search_path = a, \"B c\"", "search_path", "\"a\", \"B c\"", false)]
    [InlineData("SET LOCAL work_mem = '1MB'", "work_mem", "1MB", true)]
    [InlineData("SET NAMES 'SJIS'", "client_encoding", "SJIS", false)]
    [InlineData("SET ROLE x", "role", "x", false)]
    [InlineData("SET SESSION AUTHORIZATION DEFAULT", "session_authorization", null, false)]
    [InlineData("SET SESSION \"Session_Replication_Role\" TO 'replica'", "session_replication_role", "replica", false)]
    [InlineData("RESET ALL", "*", null, false)]
    [InlineData("SELECT set_config('Search_Path', 'x', true)", "search_path", "x", true)]
    [InlineData("SELECT set_config('a' || 'b', 'x', true)", "", "x", true)]
    [InlineData("SELECT set_config(name, 'x', false) FROM pg_settings WHERE name = 'Work_Mem'", "work_mem", "x", false)]
    [InlineData("SELECT pg_catalog.set_config(s.name, 'x', false) FROM pg_catalog.pg_settings s WHERE s.name = 'role'", "role", "x", false)]
    [InlineData("SELECT set_config(name, 'x', false) FROM pg_settings", "", "x", false)]
    [InlineData("SELECT set_config(name, 'x', false) FROM pg_settings WHERE name = 'work_mem' OR true", "", "x", false)]
    [InlineData("SELECT set_config(name, 'x', false) FROM pg_settings WHERE name <> 'work_mem'", "", "x", false)]
    [InlineData("SELECT set_config(name, 'x', false) FROM pg_settings WHERE name OPERATOR(public.=) 'work_mem'", "", "x", false)]
    [InlineData("SELECT set_config(name, 'x', false) FROM pg_settings AS s (x, name) WHERE name = 'work_mem'", "", "x", false)]
    [InlineData("SELECT set_config(context, 'x', false) FROM pg_settings WHERE name = 'work_mem'", "", "x", false)]
    [InlineData("SELECT (SELECT set_config(name, 'x', false) FROM (VALUES ('role')) v (name)) FROM pg_settings WHERE name = 'work_mem'", "", "x", false)]
    [InlineData("WITH pg_settings AS (SELECT 'role' AS name) SELECT set_config(name, 'x', false) FROM pg_settings WHERE name = 'work_mem'", "", "x", false)]
    [InlineData("SELECT set_config(s.name, 'x', false) FROM pg_settings s, pg_settings o WHERE o.name = 'work_mem'", "", "x", false)]
    [InlineData("UPDATE pg_settings SET setting = 'off' WHERE name = 'row_security'", "row_security", "off", false)]
    [InlineData("UPDATE pg_settings SET setting = 'off'", "", "off", false)]
    [InlineData("BEGIN READ WRITE", "transaction_read_only", "off", true)]
    [InlineData("SET TRANSACTION READ WRITE", "transaction_read_only", "off", true)]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "default_transaction_read_only", "off", false)]
    public void Changes_of_settings_are_told(string sql, string name, string? value, bool isLocal) =>
        shop.One(sql).Settings.ShouldHaveSingleItem().ShouldBe(new SettingChange(name, value, isLocal));

    [Theory]
    [InlineData("a, b", new[] { "a", "b" })]
    [InlineData("\"$user\", public", new[] { "$user", "public" })]
    [InlineData("A,\"B, \"\"c\"\"\"", new[] { "a", "B, \"c\"" })]
    [InlineData("", new string[0])]
    [InlineData("\"\"", new[] { "" })]
    public void Search_paths_are_read_as_the_server_reads_them(string text, string[] entries) => SearchPathText.Parse(text).ShouldBe(entries.ToImmutableArray());
}
