using Weir.Policy.Analysis;
using Weir.Sql.Analysis;

namespace Weir.Sql.Tests.Analysis;

/// <summary>Ways round the rules that were tried on a real server: code that runs unseen, names that change their meaning, values that leave by another door.</summary>
public sealed class WaysRoundTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("INSERT INTO with_default VALUES (1, DEFAULT)")]
    [InlineData("INSERT INTO with_default (id, v) VALUES (1, 2), (2, DEFAULT)")]
    [InlineData("UPDATE with_default SET v = DEFAULT WHERE id = 1")]
    [InlineData("UPDATE with_default SET (id, v) = (1, DEFAULT) WHERE id = 1")]
    [InlineData("INSERT INTO with_default (id) VALUES (1)")]
    [InlineData("MERGE INTO with_default d USING (VALUES (1)) s(id) ON d.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (1, DEFAULT)")]
    [InlineData("MERGE INTO with_default d USING (VALUES (1)) s(id) ON d.id = s.id WHEN MATCHED THEN UPDATE SET v = 1 WHEN NOT MATCHED THEN INSERT (id) VALUES (1)")]
    [InlineData("COPY with_default FROM STDIN (DEFAULT 'x')")]
    [InlineData("CREATE TEMP TABLE t (LIKE with_default INCLUDING ALL)")]
    [InlineData("CREATE TEMP TABLE t () INHERITS (with_default)")]
    [InlineData("CREATE TEMP TABLE t (LIKE with_check INCLUDING ALL)")]
    [InlineData("CREATE TEMP TABLE t (v checked_int)")]
    public void Defaults_and_checks_that_run_code_count(string sql) => shop.One(sql).Effects.HasFlag(Effects.Call).ShouldBeTrue();

    [Fact]
    public void A_default_that_is_not_used_runs_nothing()
    {
        shop.One("INSERT INTO with_default VALUES (1, 2)").Effects.HasFlag(Effects.Call).ShouldBeFalse();
        shop.One("COPY with_default (id, v) FROM STDIN").Effects.HasFlag(Effects.Call).ShouldBeFalse();
    }

    [Theory]
    [InlineData("DELETE FROM mine")]
    [InlineData("DELETE FROM mine WHERE true")]
    [InlineData("UPDATE mine SET note = 'x'")]
    public void What_is_done_to_a_temporary_view_is_done_to_the_table_under_it(string sql)
    {
        AnalysisContext context = After("CREATE TEMP VIEW mine AS SELECT * FROM orders");

        StatementAnalysis statement = shop.One(sql, context);

        statement.RowLimit.ShouldBe(RowLimit.Unlimited);
        statement.Relations.ShouldContain(r => r.Candidates.Contains(new QualifiedName("public", "orders")) && (r.Effects & (Effects.Delete | Effects.Update)) != 0);
    }

    [Fact]
    public void A_temporary_table_that_was_rolled_back_hides_nothing()
    {
        AnalysisContext context = After("CREATE TEMP TABLE orders (id int)");
        AnalysisContext undone = context with { Temporary = context.Temporary.Uncertain() };

        StatementAnalysis statement = shop.One("DELETE FROM orders", undone);

        statement.RowLimit.ShouldBe(RowLimit.Unlimited);
        statement.Relations.ShouldHaveSingleItem().Candidates.ShouldContain(new QualifiedName("public", "orders"));
    }

    [Theory]
    [InlineData("BEGIN; CREATE TEMP TABLE orders (id int) ON COMMIT DROP; COMMIT; DELETE FROM orders")]
    [InlineData("BEGIN; CREATE TEMP TABLE orders ON COMMIT DROP AS SELECT 1 AS id; COMMIT AND CHAIN; DELETE FROM orders")]
    [InlineData("BEGIN; CREATE TEMP TABLE orders (id int); ROLLBACK; DELETE FROM orders")]
    [InlineData("BEGIN; SAVEPOINT a; CREATE TEMP TABLE orders (id int); ROLLBACK TO a; DELETE FROM orders")]
    public void A_temporary_table_ends_with_its_transaction(string sql) => shop.Script(sql).Statements[^1].RowLimit.ShouldBe(RowLimit.Unlimited);

    [Fact]
    public void A_rollback_at_the_start_of_a_text_undoes_what_was_made_before_it()
    {
        AnalysisContext context = After("CREATE TEMP TABLE orders (id int)");

        shop.Script("ROLLBACK; DELETE FROM orders", context).Statements[^1].RowLimit.ShouldBe(RowLimit.Unlimited);
    }

    [Fact]
    public void A_temporary_table_is_its_sessions_own_while_it_lasts()
    {
        AnalysisContext context = After("CREATE TEMP TABLE scratch (id int) ON COMMIT DROP");

        shop.One("DELETE FROM scratch", context).RowLimit.ShouldBe(RowLimit.NotApplicable);
        shop.One("DELETE FROM scratch", context with { Temporary = context.Temporary.Uncertain() }).RowLimit.ShouldBe(RowLimit.NotApplicable);
        context.Temporary.AfterTransaction().Relations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("SELECT with_default_argument()")]
    [InlineData("SELECT with_default_argument(b => 1)")]
    [InlineData("INSERT INTO indexed VALUES (1)")]
    [InlineData("UPDATE indexed SET id = 2 WHERE id = 1")]
    [InlineData("COPY indexed FROM STDIN")]
    [InlineData("INSERT INTO indexed_in_part VALUES (1)")]
    [InlineData("INSERT INTO by_expression VALUES (1)")]
    [InlineData("CREATE TEMP TABLE t (LIKE indexed INCLUDING ALL)")]
    [InlineData("DELETE FROM grandparent WHERE id = 1")]
    public void Expressions_that_run_with_a_call_or_a_row_count(string sql) => shop.One(sql).Effects.HasFlag(Effects.Call).ShouldBeTrue();

    [Theory]
    [InlineData("SELECT with_default_argument(1, 2)")]
    [InlineData("DELETE FROM indexed WHERE id = 1")]
    [InlineData("SELECT * FROM indexed WHERE id = 1 ORDER BY id")]
    public void Expressions_that_do_not_run_do_not_count(string sql) => shop.One(sql).Effects.HasFlag(Effects.Call).ShouldBeFalse();

    [Theory]
    [InlineData("DELETE FROM people WHERE id = 1", "people_eu", Effects.Delete)]
    [InlineData("UPDATE people SET ssn = 'x' WHERE id = 1", "people_eu", Effects.Update)]
    [InlineData("INSERT INTO people VALUES (1, 'eu', 'x')", "people_eu", Effects.Insert)]
    [InlineData("COPY people FROM STDIN", "people_eu", Effects.Insert)]
    [InlineData("DELETE FROM customers WHERE id = 1", "vip", Effects.Delete)]
    [InlineData("UPDATE customers SET name = 'x' WHERE id = 1", "vip", Effects.Update)]
    [InlineData("UPDATE contacts SET mail = 'x' WHERE id = 1", "vip", Effects.Update)]
    [InlineData("SELECT * FROM people", "people_eu", Effects.Read)]
    [InlineData("SELECT * FROM people FOR UPDATE", "people_eu", Effects.Update)]
    [InlineData("TRUNCATE people", "people_eu", Effects.Truncate)]
    [InlineData("DROP TABLE people", "people_eu", Effects.Drop)]
    [InlineData("LOCK people", "people_eu", Effects.Lock)]
    [InlineData("COPY (SELECT * FROM people) TO STDOUT", "people_eu", Effects.Read)]
    [InlineData("UPDATE grandparent SET id = 2 WHERE id = 1", "grandchild", Effects.Update)]
    [InlineData("DELETE FROM parted WHERE id = 1", "of_part", Effects.Delete)]
    public void What_is_done_to_a_relation_is_done_to_its_parts_and_to_what_hangs_on_them(string sql, string relation, Effects effect) =>
        shop.One(sql).Relations.ShouldContain(r => r.Candidates[0].Name == relation && r.Effects.HasFlag(effect));

    [Fact]
    public void New_rows_of_a_parent_are_no_rows_of_its_children() =>
        shop.One("INSERT INTO customers (id, name, email, country) VALUES (1, 'n', 'e', 'c')").Relations.ShouldNotContain(r => r.Candidates[0].Name == "vip");

    [Theory]
    [InlineData("UPDATE moving SET kind = 'b' WHERE id = 1")]
    [InlineData("MERGE INTO moving m USING (VALUES (1)) s(id) ON m.id = s.id WHEN MATCHED THEN UPDATE SET kind = 'b'")]
    [InlineData("INSERT INTO moving VALUES (1, 'a')")]
    public void A_row_that_moves_to_another_partition_sets_off_what_inserts_there(string sql) => shop.One(sql).Effects.HasFlag(Effects.Dynamic).ShouldBeTrue();

    [Theory]
    [InlineData("PREPARE p AS DELETE FROM orders WHERE id = 1", "DELETE FROM orders WHERE id = 1")]
    [InlineData("SELECT 1; PREPARE \"as\" (int, numeric(10, 2)) AS /* as */ SELECT email AS x FROM customers WHERE id = $1; SELECT 2", "SELECT email AS x FROM customers WHERE id = $1")]
    public void The_statement_inside_a_PREPARE_is_found_in_the_text(string sql, string inner)
    {
        StatementAnalysis found = shop.Script(sql).Statements.Single(s => s.Command == "PREPARE").Inner.ShouldNotBeNull();

        sql.Substring(found.Start, found.Length).Trim().ShouldEndWith(inner);
    }

    [Fact]
    public void EXPLAIN_alone_is_not_the_statement_that_it_explains()
    {
        shop.One("EXPLAIN DELETE FROM orders").Inner.ShouldBeNull();
        shop.One("EXPLAIN ANALYZE DELETE FROM orders").Inner.ShouldNotBeNull().RowLimit.ShouldBe(RowLimit.Unlimited);
    }

    [Theory]
    [InlineData("ALTER TABLE customers RENAME TO x")]
    [InlineData("ALTER TABLE customers SET SCHEMA other")]
    [InlineData("ALTER SCHEMA public RENAME TO x")]
    [InlineData("ALTER TABLE people DETACH PARTITION people_eu", "people_eu")]
    [InlineData("ALTER TABLE vip NO INHERIT customers", "vip")]
    [InlineData("CREATE TRIGGER t AFTER UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION log_it()")]
    public void What_takes_a_relation_from_under_its_classification_is_as_good_as_a_copy(string sql, string relation = "customers") =>
        shop.One(sql).Columns.ShouldContain(c => c.Relations[0].Name == relation && c.Column == "*" && c.Use.HasFlag(ColumnUse.CopiedTo));

    [Theory]
    [InlineData("ALTER TABLE customers RENAME ssn TO x", ColumnUse.CopiedTo)]
    [InlineData("ALTER TABLE customers ALTER country TYPE text USING ssn", ColumnUse.CopiedTo)]
    [InlineData("ALTER TABLE customers ADD COLUMN x text GENERATED ALWAYS AS (ssn || '') STORED", ColumnUse.CopiedTo)]
    [InlineData("DO $$ DECLARE v text; BEGIN SELECT ssn INTO v FROM customers; INSERT INTO audit (what) VALUES (v); END $$", ColumnUse.CopiedTo)]
    [InlineData("DO $$ DECLARE v text; BEGIN SELECT ssn INTO v FROM customers; PERFORM set_config('a.b', v, false); END $$", ColumnUse.CopiedTo)]
    [InlineData("DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM customers LOOP UPDATE audit SET what = r.ssn WHERE id = 1; END LOOP; END $$", ColumnUse.CopiedTo)]
    [InlineData("DO $$ BEGIN EXECUTE format('COMMENT ON TABLE orders IS %L', (SELECT ssn FROM customers LIMIT 1)); END $$", ColumnUse.CopiedTo)]
    [InlineData("SELECT setval('numbers', ssn::bigint) FROM customers", ColumnUse.CopiedTo)]
    [InlineData("SELECT pg_notify('x', ssn) FROM customers", ColumnUse.CopiedTo)]
    [InlineData("DO $$ BEGIN IF (SELECT ssn LIKE '8%' FROM customers LIMIT 1) THEN PERFORM 1; END IF; END $$", ColumnUse.Predicate)]
    [InlineData("ALTER TABLE customers ADD CHECK (ssn LIKE '8%')", ColumnUse.Predicate)]
    [InlineData("CREATE UNIQUE INDEX ON customers (left(ssn, 1)) WHERE ssn > '8'", ColumnUse.Predicate)]
    [InlineData("CREATE POLICY p ON orders USING (EXISTS (SELECT 1 FROM customers WHERE ssn LIKE '8%'))", ColumnUse.Predicate)]
    [InlineData("CREATE TEMP VIEW v AS SELECT id FROM customers WHERE ssn LIKE '8%'", ColumnUse.Predicate)]
    [InlineData("SELECT generate_series(1, (SELECT length(ssn) FROM customers WHERE id = 1))", ColumnUse.Predicate)]
    [InlineData("SELECT g FROM customers, generate_series(1, length(ssn)) g", ColumnUse.Predicate)]
    [InlineData("SELECT regexp_matches(ssn, '^8') FROM customers", ColumnUse.Predicate)]
    [InlineData("SELECT unnest(string_to_array(ssn, '8')) FROM customers", ColumnUse.Predicate)]
    [InlineData("SELECT sum(id) OVER (ORDER BY id ROWS (SELECT length(ssn) FROM customers WHERE id = 1) PRECEDING) FROM orders", ColumnUse.Predicate)]
    public void Values_that_leave_by_another_door_are_told(string sql, ColumnUse use) =>
        shop.One(sql).Columns.Where(c => c.Relations[0].Name == "customers" && c.Column == "ssn").Aggregate(ColumnUse.None, (sum, c) => sum | c.Use).HasFlag(use).ShouldBeTrue();

    [Theory]
    [InlineData("SELECT nullif(left(ssn, 1), '8') FROM customers")]
    [InlineData("SELECT substring(ssn FROM '^8') FROM customers")]
    [InlineData("SELECT regexp_match(ssn, '^8') FROM customers")]
    [InlineData("SELECT (ssn LIKE '8%') OR NULL FROM customers")]
    [InlineData("SELECT ssn IN ('837-71-4911', NULL) FROM customers")]
    [InlineData("SELECT ssn BETWEEN '8' AND NULL FROM customers")]
    [InlineData("SELECT (ssn, NULL) = ('837-71-4911', NULL) FROM customers")]
    [InlineData("SELECT ssn = ANY (ARRAY['837-71-4911', NULL]) FROM customers")]
    [InlineData("SELECT 1 / (ascii(ssn) - 56) FROM customers")]
    [InlineData("SELECT sqrt(ascii(ssn) - 56) FROM customers")]
    [InlineData("SELECT chr(ascii(ssn) - 56) FROM customers")]
    [InlineData("SELECT replace(left(ssn, 1), '8', 'x')::int FROM customers")]
    [InlineData("SELECT translate(left(ssn, 1), '8', '[')::json FROM customers")]
    [InlineData("SELECT 'x' ~ translate(left(ssn, 1), '8', '(') FROM customers")]
    [InlineData("SELECT pg_sleep(ascii(ssn) - 56) FROM customers")]
    [InlineData("SELECT repeat('x', ascii(ssn) * 10000000) FROM customers")]
    [InlineData("SELECT string_to_array(ssn, '8') FROM customers")]
    [InlineData("SELECT (ARRAY[1, 2, 3])[ascii(ssn) - 55] FROM customers")]
    [InlineData("SELECT array_remove(tags, 'vip') FROM customers")]
    [InlineData("SELECT jsonb_path_query_first(profile, '$.dob ? (@ starts with \"1951\")') FROM customers")]
    [InlineData("SELECT JSON_VALUE(profile, '$.dob ? (@ starts with \"1951\")') FROM customers")]
    [InlineData("SELECT JSON_VALUE(profile, '$.dob' RETURNING int) FROM customers")]
    [InlineData("SELECT xpath('/a[.=8]', xmlelement(name a, left(ssn, 1))) FROM customers")]
    [InlineData("SELECT pg_input_error_info(ssn, 'int4') FROM customers")]
    [InlineData("SELECT (to_jsonb(ssn))::int FROM customers")]
    [InlineData("SELECT int4range(ascii(ssn), 56) FROM customers")]
    [InlineData("SELECT format('%*s', ascii(ssn), 'x') FROM customers")]
    public void What_fails_or_is_NULL_or_slow_by_a_value_tells_about_it(string sql) =>
        shop.One(sql).Columns.Where(c => c.Relations[0].Name == "customers" && c.Column is "ssn" or "tags" or "profile")
            .ShouldContain(c => (c.Use & ColumnUse.Computed) != 0);

    [Theory]
    [InlineData("SELECT upper(ssn), left(ssn, 3), ssn || '', concat(ssn, '-'), md5(ssn), length(ssn), reverse(ssn) FROM customers")]
    [InlineData("SELECT ssn::text, ssn::varchar(3), coalesce(ssn, 'x'), substring(ssn FROM 1 FOR 3), split_part(ssn, '-', 1) FROM customers")]
    [InlineData("SELECT to_jsonb(c), row_to_json(c), c::text FROM customers c")]
    [InlineData("SELECT profile->'dob', profile->>'dob', profile#>>'{a,b}', tags[1], profile['dob'] FROM customers")]
    [InlineData("SELECT JSON_VALUE(profile, '$.dob'), JSON_OBJECT('a' VALUE ssn), ssn IS NULL, ssn = 'x' FROM customers")]
    [InlineData("SELECT format('%s %L', ssn, email), regexp_replace(ssn, '\\D', '', 'g'), lpad(ssn, 20) FROM customers")]
    [InlineData("SELECT xmlelement(name a, ssn), xmlforest(ssn, email) FROM customers")]
    public void What_has_a_value_for_every_value_tells_nothing(string sql) =>
        shop.One(sql).Columns.ShouldAllBe(c => (c.Use & (ColumnUse.Computed | ColumnUse.Predicate)) == ColumnUse.None);

    [Theory]
    [InlineData("SELECT id FROM orders LIMIT (SELECT length(ssn) FROM customers WHERE id = 1)", ColumnUse.Predicate)]
    [InlineData("SELECT id FROM orders OFFSET (SELECT length(ssn) FROM customers WHERE id = 1)", ColumnUse.Predicate)]
    [InlineData("SELECT id FROM orders TABLESAMPLE bernoulli ((SELECT length(ssn) FROM customers WHERE id = 1))", ColumnUse.Predicate)]
    [InlineData("SELECT 1 FROM customers, JSON_TABLE(profile, '$.a ? (@.dob starts with \"1951\")' COLUMNS (x text)) t", ColumnUse.Predicate, "profile")]
    [InlineData("SELECT 1 FROM customers, XMLTABLE('/a[.=8]' PASSING xmlelement(name a, ssn) COLUMNS x text PATH '.') t", ColumnUse.Predicate)]
    [InlineData("CREATE TABLE x (a text DEFAULT (SELECT ssn FROM customers) || '')", ColumnUse.CopiedTo)]
    [InlineData("ALTER TABLE orders ALTER note SET DEFAULT (SELECT ssn FROM customers) || ''", ColumnUse.CopiedTo)]
    [InlineData("PREPARE p(text) AS SELECT $1; EXECUTE p((SELECT ssn FROM customers))", ColumnUse.Predicate)]
    [InlineData("PREPARE p(text) AS INSERT INTO audit (what) VALUES ($1); EXECUTE p((SELECT ssn FROM customers))", ColumnUse.CopiedTo)]
    public void Values_that_decide_or_stay_elsewhere_are_told(string sql, ColumnUse use, string column = "ssn") =>
        shop.Script(sql).Statements[^1].Columns.Where(c => c.Relations[0].Name == "customers" && c.Column == column).ShouldContain(c => (c.Use & use) != 0);

    [Fact]
    public void A_temporary_table_under_another_name_hides_nothing()
    {
        AnalysisContext context = After("CREATE TEMP TABLE orders (id int)");
        AnalysisContext renamed = context with { Temporary = context.Temporary.After(shop.One("ALTER TABLE pg_temp.orders RENAME TO other", context)) };

        shop.One("DELETE FROM orders", renamed).RowLimit.ShouldBe(RowLimit.Unlimited);
        shop.One("DELETE FROM other", renamed).RowLimit.ShouldBe(RowLimit.NotApplicable);
    }

    [Theory]
    [InlineData("SELECT mode() WITHIN GROUP (ORDER BY ssn) FROM customers")]
    [InlineData("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ssn) FROM customers")]
    [InlineData("SELECT rank('x') WITHIN GROUP (ORDER BY ssn) FROM customers")]
    public void What_an_ordered_aggregate_gives_derives_from_what_it_orders(string sql) =>
        shop.One(sql).ResultColumns.ShouldHaveSingleItem().Sources.ShouldContain(s => s.Relation.Name == "customers" && s.Column == "ssn");

    [Theory]
    [InlineData("SELECT unnest(tags) FROM customers")]
    [InlineData("SELECT k, v FROM customers, jsonb_each_text(profile) AS e(k, v)")]
    [InlineData("SELECT x FROM customers, unnest(ARRAY[ssn, email]) x")]
    [InlineData("SELECT generate_series(1, id) FROM customers")]
    [InlineData("ALTER TABLE orders RENAME TO x")]
    [InlineData("CREATE INDEX ON customers (ssn)")]
    public void What_tells_nothing_about_a_value_is_no_other_use(string sql) =>
        shop.One(sql).Columns.Where(c => c.Relations[0].Name == "customers" && c.Column is "ssn" or "tags" or "profile")
            .ShouldAllBe(c => (c.Use & ~ColumnUse.Output) == ColumnUse.None);

    [Fact]
    public void What_was_found_out_inside_a_recursion_is_not_kept_for_later()
    {
        // Deleting cascades to a default that calls the very function that deletes.
        shop.One("SELECT again()").Effects.HasFlag(Effects.Delete).ShouldBeTrue();
        shop.One("DELETE FROM grandparent WHERE id = 1").Effects.HasFlag(Effects.Call).ShouldBeTrue();
        shop.One("INSERT INTO kept DEFAULT VALUES").Effects.HasFlag(Effects.Call).ShouldBeTrue();
        shop.One("SELECT ping(1)").Effects.HasFlag(Effects.Call).ShouldBeTrue();
        shop.One("SELECT pong(1)").Effects.HasFlag(Effects.Call).ShouldBeTrue();
    }

    private AnalysisContext After(string sql) => shop.Context with { Temporary = TemporaryObjects.None.After(shop.One(sql)) };
}
