using Weir.Policy.Analysis;

namespace Weir.Sql.Tests.Analysis;

public sealed class RowLimitTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    [Theory]
    [InlineData("id = 5")]
    [InlineData("5 = id")]
    [InlineData("id = $1")]
    [InlineData("id = $1::int AND amount > 0")]
    [InlineData("id IN (1, 2, 3)")]
    [InlineData("id = ANY ('{1,2}')")]
    [InlineData("id = ANY (ARRAY[1, $1])")]
    [InlineData("id = 1 OR id = 2")]
    [InlineData("(id = 1 OR id = 2) AND status = 'x'")]
    [InlineData("status = 'x' AND created_at < now()")]
    [InlineData("lower(status) = 'new'")]
    [InlineData("created_at::date = '2025-01-01'")]
    [InlineData("id = (SELECT max(id) FROM orders)")]
    [InlineData("id IN (SELECT id FROM orders WHERE customer_id = 7)")]
    [InlineData("id IN (SELECT id FROM orders ORDER BY id LIMIT 10)")]
    [InlineData("id IN (VALUES (1), (2))")]
    [InlineData("(id, status) = (1, 'x')")]
    [InlineData("(id, status) IN ((1, 'x'), (2, 'y'))")]
    [InlineData("id BETWEEN 5 AND 20")]
    [InlineData("id >= 5 AND id < 20")]
    [InlineData("NOT (id <> 5)")]
    [InlineData("(id = 5) IS TRUE")]
    [InlineData("id IS NOT DISTINCT FROM 5")]
    [InlineData("ctid = '(0,1)'")]
    [InlineData("false")]
    [InlineData("1 = 0")]
    [InlineData("id = 1 OR false")]
    public void A_predicate_that_names_its_rows_limits_them(string predicate)
    {
        shop.One($"DELETE FROM orders WHERE {predicate}").RowLimit.ShouldBe(RowLimit.Limited);
        shop.One($"UPDATE orders SET note = 'x' WHERE {predicate}").RowLimit.ShouldBe(RowLimit.Limited);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("1 = 1")]
    [InlineData("NOT false")]
    [InlineData("'yes'::bool")]
    [InlineData("id = id")]
    [InlineData("id = id + 0")]
    [InlineData("id = id::text::int")]
    [InlineData("id = abs(id)")]
    [InlineData("id > 0")]
    [InlineData("id > $1")]
    [InlineData("id <> -1")]
    [InlineData("id = 1 OR id <> 1")]
    [InlineData("id = 1 OR 1 = 1")]
    [InlineData("id = $1 OR $2")]
    [InlineData("$1::text IS NULL OR status = $1")]
    [InlineData("id = coalesce($1, id)")]
    [InlineData("id = ANY ($1)")]
    [InlineData("id = ALL ('{}')")]
    [InlineData("id NOT IN (SELECT -1)")]
    [InlineData("id IN (SELECT id FROM orders)")]
    [InlineData("id IN (SELECT orders.id)")]
    [InlineData("id IN (SELECT o.id FROM orders o WHERE o.id = orders.id)")]
    [InlineData("id IN (SELECT generate_series(1, 1000))")]
    [InlineData("id IN (SELECT id FROM orders LIMIT 100000)")]
    [InlineData("id IN (SELECT id FROM orders LIMIT $1)")]
    [InlineData("id = (SELECT orders.id)")]
    [InlineData("id = (SELECT o.id FROM orders o WHERE o.id = orders.id)")]
    [InlineData("id = nextval('numbers')")]
    [InlineData("EXISTS (SELECT 1)")]
    [InlineData("status LIKE '%'")]
    [InlineData("status ~ '.*'")]
    [InlineData("status IS NOT NULL")]
    [InlineData("note IS NULL")]
    [InlineData("note IS NOT DISTINCT FROM NULL")]
    [InlineData("note IS NOT DISTINCT FROM $1")]
    [InlineData("length(status) >= 0")]
    [InlineData("length(status) = 3")]
    [InlineData("id * 0 = 0")]
    [InlineData("id BETWEEN -1 AND 1e9")]
    [InlineData("id BETWEEN 1 AND $1")]
    [InlineData("coalesce(true, id = 1)")]
    [InlineData("CASE WHEN id = 1 THEN true ELSE true END")]
    [InlineData("(id = 1) IS NOT UNKNOWN")]
    [InlineData("(id = 1) IN (true, false)")]
    [InlineData("orders = orders")]
    [InlineData("orders IS NOT NULL")]
    [InlineData("orders::text <> ''")]
    [InlineData("(id, status) = (id, status)")]
    [InlineData("NOT (id = 1 AND id = 2)")]
    [InlineData("tableoid = 'orders'::regclass")]
    [InlineData("xmax = 0")]
    [InlineData("status::char(1) = 'n' OR true")]
    public void A_predicate_that_does_not_name_its_rows_limits_nothing(string predicate)
    {
        shop.One($"DELETE FROM orders WHERE {predicate}").RowLimit.ShouldBe(RowLimit.Unlimited);
        shop.One($"UPDATE orders SET note = 'x' WHERE {predicate}").RowLimit.ShouldBe(RowLimit.Unlimited);
    }

    [Theory]
    [InlineData("DELETE FROM orders")]
    [InlineData("DELETE FROM orders WHERE CURRENT OF c")]
    [InlineData("DELETE FROM orders USING customers")]
    [InlineData("DELETE FROM orders USING customers c WHERE c.id = 7")]
    [InlineData("DELETE FROM orders USING customers c WHERE orders.customer_id = c.id")]
    [InlineData("DELETE FROM orders USING generate_series(1, 1) g WHERE g = 1")]
    [InlineData("UPDATE orders SET note = 'x' FROM (SELECT 1 AS one) q WHERE q.one = 1")]
    [InlineData("UPDATE orders SET note = 'x' FROM orders o WHERE o.id = orders.id")]
    [InlineData("UPDATE customers SET name = 'x' WHERE active")]
    [InlineData("UPDATE customers SET name = 'x' WHERE active = true")]
    [InlineData("UPDATE one_kind SET id = 1 WHERE kind = 'fixed'")]
    [InlineData("MERGE INTO orders USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE")]
    [InlineData("MERGE INTO orders o USING orders s ON o.id = s.id WHEN MATCHED THEN UPDATE SET note = 'x'")]
    [InlineData("MERGE INTO orders o USING (VALUES (1)) s(id) ON o.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE")]
    [InlineData("INSERT INTO orders SELECT * FROM orders ON CONFLICT (id) DO UPDATE SET note = 'x'")]
    [InlineData("WITH d AS (DELETE FROM orders RETURNING id) SELECT 1")]
    [InlineData("EXPLAIN ANALYZE DELETE FROM orders")]
    public void Whole_relations_are_unlimited(string sql) => shop.One(sql).RowLimit.ShouldBe(RowLimit.Unlimited);

    [Theory]
    [InlineData("DELETE FROM orders o USING customers c WHERE o.customer_id = c.id AND c.id = 7")]
    [InlineData("DELETE FROM orders o USING customers c WHERE o.customer_id = c.id AND o.id = 7")]
    [InlineData("UPDATE orders o SET note = c.name FROM customers c JOIN vip v ON v.id = c.id WHERE c.id = o.customer_id AND v.id = 8")]
    [InlineData("UPDATE orders o SET note = v.n FROM (VALUES (1, 'a'), (2, 'b')) v(id, n) WHERE o.id = v.id")]
    [InlineData("WITH t AS (SELECT id FROM orders WHERE id = 9) UPDATE orders SET note = 'z' WHERE id IN (SELECT id FROM t)")]
    [InlineData("MERGE INTO orders o USING (VALUES (1, 'x')) s(id, n) ON o.id = s.id WHEN MATCHED THEN UPDATE SET note = s.n WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (s.id, 0)")]
    [InlineData("INSERT INTO orders (id, amount) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET note = 'x'")]
    [InlineData("UPDATE people SET ssn = 'x' WHERE id = 1")]
    public void Joins_limit_through_what_they_equate(string sql) => shop.One(sql).RowLimit.ShouldBe(RowLimit.Limited);

    [Theory]
    [InlineData("SELECT * FROM orders FOR UPDATE")]
    [InlineData("SELECT 1 FROM orders WHERE id > 0 FOR SHARE")]
    [InlineData("SELECT * FROM orders o, customers c WHERE c.id = 7 FOR NO KEY UPDATE OF o")]
    [InlineData("SELECT * FROM (SELECT id FROM orders) s FOR UPDATE")]
    [InlineData("SELECT 1 FROM (SELECT 1 FROM orders) s FOR UPDATE")]
    [InlineData("SELECT * FROM one_kind FOR UPDATE")]
    [InlineData("SELECT * FROM orders FOR UPDATE LIMIT $1")]
    [InlineData("SELECT * FROM orders LIMIT 100000 FOR UPDATE")]
    [InlineData("DECLARE c CURSOR FOR SELECT * FROM orders FOR UPDATE")]
    [InlineData("WITH x AS (SELECT * FROM orders FOR UPDATE) SELECT count(*) FROM x")]
    [InlineData("PREPARE p AS SELECT id FROM orders FOR UPDATE")]
    [InlineData("EXPLAIN ANALYZE SELECT id FROM orders FOR UPDATE")]
    [InlineData("CREATE TEMP TABLE x AS SELECT id FROM orders FOR UPDATE")]
    public void Whole_relations_whose_rows_are_locked_are_unlimited(string sql)
    {
        StatementAnalysis statement = shop.One(sql);

        statement.RowLimit.ShouldBe(RowLimit.Unlimited);
        statement.Relations.ShouldContain(r => r.Candidates[0].Name == "orders" && r.Effects.HasFlag(Effects.Update));
    }

    [Theory]
    [InlineData("SELECT * FROM orders WHERE id = 1 FOR UPDATE")]
    [InlineData("SELECT * FROM orders WHERE status = 'new' ORDER BY id FOR UPDATE SKIP LOCKED")]
    [InlineData("SELECT * FROM orders ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED")]
    [InlineData("SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = 7 FOR UPDATE OF o")]
    [InlineData("SELECT * FROM (SELECT * FROM orders WHERE id = 5) s FOR UPDATE")]
    [InlineData("SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.id = 7 FOR KEY SHARE OF o, c SKIP LOCKED")]
    public void Few_rows_that_are_locked_are_limited(string sql) => shop.One(sql).RowLimit.ShouldBe(RowLimit.Limited);

    [Theory]
    [InlineData("SELECT 1 WHERE true")]
    [InlineData("EXPLAIN SELECT * FROM orders FOR UPDATE")]
    [InlineData("INSERT INTO audit (what) SELECT note FROM orders")]
    [InlineData("EXPLAIN DELETE FROM orders")]
    [InlineData("MERGE INTO orders o USING customers s ON o.id = s.id WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (s.id, 0)")]
    public void What_changes_no_existing_rows_has_no_limit_to_judge(string sql) => shop.One(sql).RowLimit.ShouldBe(RowLimit.NotApplicable);
}
