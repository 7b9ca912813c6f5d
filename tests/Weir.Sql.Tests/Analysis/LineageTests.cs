using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Tests.Analysis;

public sealed class LineageTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private const string Email = "customers.email vip.email";
    private const string Ssn = "customers.ssn vip.ssn";

    [Theory]
    [InlineData("SELECT email FROM customers", Email)]
    [InlineData("SELECT public.customers.email FROM public.customers", Email)]
    [InlineData("SELECT x.a FROM (SELECT email AS a FROM customers) x", Email)]
    [InlineData("SELECT t.c FROM customers AS t(a, b, c)", Email)]
    [InlineData("WITH q AS (SELECT email AS v FROM customers) SELECT v FROM q", Email)]
    [InlineData("WITH q(z) AS (SELECT email FROM customers) SELECT z FROM q", Email)]
    [InlineData("SELECT l.e FROM orders o, LATERAL (SELECT email AS e FROM customers c WHERE c.id = o.customer_id) l", Email)]
    [InlineData("SELECT (SELECT email FROM customers WHERE id = 1)", Email)]
    [InlineData("SELECT email FROM customers UNION ALL SELECT 'x'", Email)]
    [InlineData("SELECT email COLLATE \"C\" FROM customers", Email)]
    [InlineData("SELECT v FROM (VALUES ((SELECT email FROM customers LIMIT 1))) AS t(v)", Email)]
    [InlineData("SELECT email FROM ONLY customers", "customers.email")]
    [InlineData("SELECT ssn FROM people_eu", "people.ssn people_eu.ssn")]
    [InlineData("SELECT ssn FROM people", "people.ssn people_eu.ssn")]
    [InlineData("SELECT email FROM vip", "customers.email vip.email")]
    [InlineData("SELECT mail FROM contacts", "contacts.mail customers.email vip.email")]
    [InlineData("SELECT email FROM stored_contacts", "customers.email stored_contacts.email vip.email")]
    [InlineData("DELETE FROM customers WHERE id = 1 RETURNING email", Email)]
    [InlineData("UPDATE customers SET name = 'x' WHERE id = 1 RETURNING WITH (OLD AS o) o.email", Email)]
    [InlineData("SELECT c.email FROM customers c JOIN orders o ON o.customer_id = c.id", Email)]
    [InlineData("SELECT U&\"\\0065mail\" FROM customers", Email)]
    [InlineData("WITH RECURSIVE r AS (SELECT id, email FROM customers WHERE id = 1 UNION ALL SELECT c.id, c.email FROM customers c JOIN r ON c.id = r.id + 1) SELECT email FROM r", Email)]
    [InlineData("WITH RECURSIVE a AS (SELECT e FROM b), b AS (SELECT email AS e FROM customers) SELECT e FROM a", Email)]
    public void A_value_that_is_passed_on_keeps_its_source_and_identity(string sql, string sources)
    {
        ResultColumn column = shop.One(sql).ResultColumns.ShouldHaveSingleItem();

        ShopFixture.SourcesOf(column).ShouldBe(sources);
        column.IsProvable.ShouldBeTrue();
        column.IsIdentity.ShouldBeTrue();
    }

    [Theory]
    [InlineData("SELECT email || '' FROM customers", Email)]
    [InlineData("SELECT email::varchar(200) FROM customers", Email)]
    [InlineData("SELECT upper(email) FROM customers", Email)]
    [InlineData("SELECT contact FROM contacts_again", "contacts.mail contacts_again.contact customers.email vip.email")]
    [InlineData("SELECT max(email) FROM customers", Email)]
    [InlineData("SELECT array_agg(email ORDER BY id) FROM customers", Email)]
    [InlineData("SELECT ARRAY(SELECT email FROM customers)", Email)]
    [InlineData("SELECT lag(email) OVER (ORDER BY id) FROM customers", Email)]
    [InlineData("SELECT CASE WHEN true THEN email END FROM customers", Email)]
    [InlineData("SELECT CASE WHEN email LIKE 'a%' THEN 1 ELSE 0 END FROM customers", Email)]
    [InlineData("SELECT coalesce(NULL, email) FROM customers", Email)]
    [InlineData("SELECT nullif(email, '') FROM customers", Email)]
    [InlineData("SELECT email = 'x' FROM customers", Email)]
    [InlineData("SELECT email IN ('a', 'b') FROM customers", Email)]
    [InlineData("SELECT greatest(email, 'a') FROM customers", Email)]
    [InlineData("SELECT position('a' IN email) FROM customers", Email)]
    [InlineData("SELECT json_build_object('a', email) FROM customers", Email)]
    [InlineData("SELECT JSON_OBJECT('a' VALUE email) FROM customers", Email)]
    [InlineData("SELECT xmlforest(email) FROM customers", Email)]
    [InlineData("SELECT (ARRAY[email])[1] FROM customers", Email)]
    [InlineData("SELECT email_of(3)", Email)]
    [InlineData("SELECT standard(3)", Ssn)]
    [InlineData("SELECT find(3)", Ssn)]
    [InlineData("SELECT s FROM find(3)", Ssn)]
    [InlineData("SELECT mail FROM contacts_of('x')", Email)]
    [InlineData("SELECT (contacts_of('x')).mail", Email)]
    [InlineData("SELECT email(c) FROM customers c", Email)]
    [InlineData("SELECT x FROM customers, unnest(ARRAY[email]) x", Email)]
    [InlineData("SELECT x.e FROM customers c, json_to_record(json_build_object('e', c.email)) AS x(e text)", Email)]
    [InlineData("SELECT substr(email, g, 1) FROM customers, generate_series(1, 5) g", Email)]
    [InlineData("SELECT count(*) FILTER (WHERE email = 'x') FROM customers", Email)]
    [InlineData("SELECT s FROM customers c, LATERAL (SELECT c.email || 'x' AS s) q", Email)]
    [InlineData("SELECT e FROM XMLTABLE('/a' PASSING (SELECT xmlelement(name a, email) FROM customers LIMIT 1) COLUMNS e text) x", Email)]
    [InlineData("SELECT j.e FROM customers, JSON_TABLE(json_build_object('e', email)::jsonb, '$' COLUMNS (e text PATH '$.e')) j", Email)]
    [InlineData("UPDATE orders SET note = c.email FROM customers c WHERE orders.id = 1 AND c.id = 2 RETURNING note || ''", "customers.email orders.note vip.email")]
    public void A_value_that_is_computed_keeps_its_sources(string sql, string sources)
    {
        ResultColumn column = shop.One(sql).ResultColumns.ShouldHaveSingleItem();

        ShopFixture.SourcesOf(column).ShouldBe(sources);
        column.IsProvable.ShouldBeTrue();
        column.IsIdentity.ShouldBeFalse();
    }

    [Theory]
    [InlineData("SELECT row_to_json(c) FROM customers c")]
    [InlineData("SELECT c FROM customers c")]
    [InlineData("SELECT c.*::text FROM customers c")]
    [InlineData("SELECT (c).email || (c).ssn FROM customers c")]
    [InlineData("SELECT ROW(c.*) FROM customers c")]
    [InlineData("SELECT jsonb_agg(customers) FROM customers")]
    [InlineData("SELECT customers FROM customers")]
    [InlineData("SELECT to_jsonb(q) FROM (SELECT * FROM customers) q")]
    [InlineData("SELECT x.c::text FROM (SELECT c FROM customers c) x")]
    public void A_whole_row_holds_all_its_columns(string sql)
    {
        ResultColumn column = shop.One(sql).ResultColumns.ShouldHaveSingleItem();

        column.Sources.Select(s => s.Column).ShouldContain("email");
        column.Sources.Select(s => s.Column).ShouldContain("ssn");
    }

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("SELECT count(*) FROM customers")]
    [InlineData("SELECT row_number() OVER (ORDER BY id) FROM customers")]
    [InlineData("SELECT EXISTS (SELECT 1 FROM customers)")]
    [InlineData("SELECT now()")]
    [InlineData("EXPLAIN SELECT email FROM customers")]
    [InlineData("SELECT g FROM generate_series(1, 3) g")]
    [InlineData("SHOW server_version")]
    public void What_derives_from_no_column_has_no_sources(string sql)
    {
        ResultColumn column = shop.One(sql).ResultColumns.ShouldHaveSingleItem();

        column.Sources.ShouldBeEmpty();
        column.IsProvable.ShouldBeTrue();
    }

    [Theory]
    [InlineData("SELECT run('x')")]
    [InlineData("SELECT query_to_xml('select 1', true, false, '')")]
    [InlineData("SELECT lo_get(1)")]
    [InlineData("SELECT current_setting('my.x')", false)]
    [InlineData("SELECT most_common_vals FROM pg_stats")]
    [InlineData("SELECT stavalues1 FROM pg_statistic")]
    [InlineData("SELECT query FROM pg_stat_activity")]
    [InlineData("SELECT q FROM (SELECT query AS q FROM pg_stat_activity) x")]
    [InlineData("SELECT pg_read_file('x')")]
    [InlineData("SELECT not_there(1)", false)]
    [InlineData("SELECT x FROM not_there", false)]
    [InlineData("SELECT chunk_data FROM pg_toast.pg_toast_1", false)]
    public void What_can_hold_anything_is_not_provable(string sql, bool alwaysUnprovable = true)
    {
        StatementAnalysis statement = shop.One(sql);

        (statement.ReadsOpaqueSource || statement.ResultColumns.Any(c => !c.IsProvable)).ShouldBeTrue();
        if (alwaysUnprovable)
            statement.ReadsOpaqueSource.ShouldBeTrue();
    }

    [Theory]
    [InlineData("SELECT pid, state FROM pg_stat_activity")]
    [InlineData("SELECT relname FROM pg_class")]
    [InlineData("SELECT table_name FROM information_schema.tables")]
    [InlineData("SELECT current_setting('server_version')")]
    public void Harmless_parts_of_the_catalog_are_provable(string sql)
    {
        StatementAnalysis statement = shop.One(sql);

        statement.ReadsOpaqueSource.ShouldBeFalse();
        statement.ResultColumns.ShouldAllBe(c => c.IsProvable);
    }

    [Fact]
    public void A_star_is_expanded_in_order_with_merged_columns_first()
    {
        StatementAnalysis statement = shop.One("SELECT * FROM orders JOIN (SELECT id, email FROM customers) c USING (id)");

        statement.ResultColumns.Select(c => c.Name).ShouldBe(["id", "customer_id", "amount", "status", "note", "created_at", "email"]);
        ShopFixture.SourcesOf(statement.ResultColumns[0]).ShouldBe("customers.id orders.id vip.id");
        ShopFixture.SourcesOf(statement.ResultColumns[6]).ShouldBe(Email);
    }

    [Fact]
    public void A_star_over_something_unknown_makes_the_answer_unprovable()
    {
        StatementAnalysis statement = shop.One("SELECT * FROM not_there, customers");

        statement.IsLineageProvable.ShouldBeFalse();
        statement.HasUnresolvedNames.ShouldBeTrue();
    }

    [Fact]
    public void Branches_of_a_union_mix_by_position()
    {
        StatementAnalysis statement = shop.One("SELECT status, note FROM orders UNION ALL SELECT email, country FROM customers");

        ShopFixture.SourcesOf(statement.ResultColumns[0]).ShouldBe("customers.email orders.status vip.email");
        statement.ResultColumns[0].Name.ShouldBe("status");
        ShopFixture.SourcesOf(statement.ResultColumns[1]).ShouldBe("customers.country orders.note vip.country");
    }

    [Fact]
    public void Copy_tells_the_columns_it_copies()
    {
        StatementAnalysis statement = shop.One("COPY customers (ssn, country) TO STDOUT (FORMAT csv, DELIMITER ';', QUOTE '-', HEADER, FORCE_QUOTE *)");

        statement.ResultColumns.Select(ShopFixture.SourcesOf).ShouldBe([Ssn, "customers.country vip.country"]);
        CopyFormat format = statement.Copy.ShouldNotBeNull();
        (format with { ForceQuote = [] }).ShouldBe(new CopyFormat(CopyFormatKind.Csv, ";", "", '-', '-', Header: true, null, []));
        format.ForceQuote.ShouldBe(["*"]);
    }

    [Theory]
    [InlineData("SELECT * FROM customers WHERE ssn = '1'", ColumnUse.EqualityPredicate)]
    [InlineData("SELECT * FROM customers WHERE ssn = $1 AND id = 1", ColumnUse.EqualityPredicate)]
    [InlineData("SELECT 1 FROM customers WHERE ssn > '1'", ColumnUse.Predicate)]
    [InlineData("SELECT 1 FROM customers WHERE ssn IN ('1')", ColumnUse.Predicate)]
    [InlineData("SELECT 1 FROM customers WHERE ssn = '1' OR id = 1", ColumnUse.Predicate)]
    [InlineData("SELECT 1 FROM customers WHERE lower(ssn) = '1'", ColumnUse.Predicate)]
    [InlineData("SELECT 1 FROM customers JOIN (VALUES ('1')) v(x) ON v.x = ssn", ColumnUse.Predicate)]
    [InlineData("SELECT 1 FROM (SELECT ssn AS s FROM customers) q WHERE s LIKE '1%'", ColumnUse.Predicate)]
    [InlineData("SELECT id FROM customers ORDER BY ssn", ColumnUse.OrderBy)]
    [InlineData("SELECT ssn AS x FROM customers ORDER BY x", ColumnUse.OrderBy)]
    [InlineData("SELECT ssn FROM customers ORDER BY 1", ColumnUse.OrderBy)]
    [InlineData("SELECT count(*) FROM customers GROUP BY ssn", ColumnUse.GroupBy)]
    [InlineData("SELECT DISTINCT ssn FROM customers", ColumnUse.Distinct)]
    [InlineData("SELECT ssn FROM customers UNION SELECT 'x'", ColumnUse.Distinct)]
    [InlineData("SELECT count(DISTINCT ssn) FROM customers", ColumnUse.Distinct | ColumnUse.Aggregate)]
    [InlineData("SELECT max(ssn) FROM customers", ColumnUse.Aggregate)]
    [InlineData("SELECT id FROM customers GROUP BY id HAVING max(ssn) > '1'", ColumnUse.Aggregate | ColumnUse.Predicate)]
    [InlineData("SELECT 1 / CASE WHEN ssn LIKE '8%' THEN 0 ELSE 1 END FROM customers", ColumnUse.Predicate)]
    [InlineData("INSERT INTO orders (id, amount, note) SELECT 1, 2, ssn FROM customers", ColumnUse.CopiedTo)]
    [InlineData("UPDATE orders SET note = ssn FROM customers c WHERE orders.id = 1 AND c.id = 1", ColumnUse.CopiedTo)]
    [InlineData("CREATE TABLE x AS SELECT ssn FROM customers", ColumnUse.CopiedTo)]
    [InlineData("SELECT ssn INTO x FROM customers", ColumnUse.CopiedTo)]
    [InlineData("CREATE VIEW x AS SELECT ssn FROM customers", ColumnUse.CopiedTo)]
    [InlineData("UPDATE customers SET ssn = 'x' WHERE id = 1", ColumnUse.Written)]
    [InlineData("SELECT pg_notify('x', ssn) FROM customers", ColumnUse.FunctionInput)]
    [InlineData("SELECT set_config('a.b', ssn, false) FROM customers", ColumnUse.FunctionInput)]
    [InlineData("DO $$ BEGIN RAISE NOTICE '%', (SELECT ssn FROM customers LIMIT 1); END $$", ColumnUse.FunctionInput)]
    public void The_uses_of_a_column_are_told(string sql, ColumnUse use) =>
        (UseOf(sql) & ~ColumnUse.Output & use).ShouldBe(use);

    [Theory]
    [InlineData("SELECT ssn FROM customers")]
    [InlineData("SELECT upper(ssn) FROM customers WHERE id = 1")]
    [InlineData("SELECT ssn FROM customers WHERE ssn IS NULL OR true")]
    public void What_only_flows_out_is_no_other_use(string sql) => UseOf(sql).ShouldBe(ColumnUse.Output);

    [Fact]
    public void Columns_that_are_compared_name_each_other()
    {
        ColumnReference column = shop.One("SELECT 1 FROM customers c JOIN people p ON p.ssn = c.ssn").Columns.Single(c => c.Relations[0].Name == "customers" && c.Column == "ssn");

        column.Use.ShouldBe(ColumnUse.EqualityPredicate);
        column.ComparedWith.ShouldContain((new QualifiedName("public", "people"), "ssn"));
    }

    [Fact]
    public void Literals_are_bound_to_the_columns_they_meet()
    {
        StatementAnalysis statement = shop.One("UPDATE customers SET email = 'a@b', name = $1 WHERE ssn = E'12\\'3' AND id = 7");

        ImmutableArray<LiteralBinding> own = [.. statement.Literals.Where(l => l.Relation.Name == "customers").OrderBy(l => l.Column, StringComparer.Ordinal)];
        own.Select(l => (l.Column, l.Start, l.Length, l.Parameter)).ShouldBe([("email", 29, 5, 0), ("id", 76, 1, 0), ("name", -1, 0, 1), ("ssn", 58, 8, 0)], ignoreOrder: true);
    }

    private ColumnUse UseOf(string sql) =>
        shop.One(sql).Columns.Where(c => c.Relations[0].Name == "customers" && c.Column == "ssn").Aggregate(ColumnUse.None, (sum, c) => sum | c.Use);
}
