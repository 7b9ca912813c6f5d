using Weir.Policy.Analysis;
using Weir.Sql.Catalog;
using Weir.Testing.Postgres;

namespace Weir.Sql.Tests.Catalog;

public sealed class CatalogSnapshotTests(PostgresServerFixture postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_knows_relations_columns_and_families()
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        await database.ScriptAsync(
            "CREATE TABLE p (id int, region text) PARTITION BY LIST (region); CREATE TABLE p_eu PARTITION OF p FOR VALUES IN ('eu'); CREATE TABLE t (a int, b text); ALTER TABLE t DROP COLUMN a",
            Cancelled);

        CatalogSnapshot snapshot = await CatalogReader.LoadAsync(database.ConnectionString, Cancelled);

        snapshot.IsComplete.ShouldBeTrue();
        snapshot.ServerVersion.ShouldBeGreaterThanOrEqualTo(140000);
        CatalogRelation t = snapshot.FindRelation("public", "t").ShouldNotBeNull();
        snapshot.FindColumn(t.Oid, 2).ShouldBe("b");
        snapshot.FindColumn(t.Oid, 1).ShouldBeNull();
        CatalogRelation part = snapshot.FindRelation("public", "p_eu").ShouldNotBeNull();
        snapshot.FamilyOf(part.Oid).Select(f => f.Name.Name).ShouldBe(["p_eu", "p"]);
        snapshot.TryFindRelation(part.Oid, out QualifiedName name).ShouldBeTrue();
        name.ShouldBe(new QualifiedName("public", "p_eu"));
    }

    [Theory]
    [InlineData("CREATE TABLE x (a int)")]
    [InlineData("ALTER TABLE t ADD COLUMN c int")]
    [InlineData("ALTER TABLE t RENAME COLUMN b TO c")]
    [InlineData("DROP TABLE t")]
    [InlineData("CREATE VIEW v AS SELECT 1 AS a")]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'")]
    [InlineData("CREATE TRIGGER tr BEFORE UPDATE ON t EXECUTE FUNCTION suppress_redundant_updates_trigger()")]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING")]
    [InlineData("ALTER TABLE t ALTER COLUMN b SET DEFAULT 'x'")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT c CHECK (b <> '')")]
    [InlineData("ALTER TABLE t ENABLE ROW LEVEL SECURITY")]
    [InlineData("CREATE POLICY p ON t USING (true)")]
    [InlineData("CREATE DOMAIN d AS int CHECK (VALUE > 0)")]
    [InlineData("CREATE SCHEMA s")]
    [InlineData("CREATE OPERATOR ||| (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)")]
    public async Task Every_change_of_the_catalog_changes_the_probe(string ddl)
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        await database.ScriptAsync("CREATE TABLE t (b text); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", Cancelled);
        string before = await CatalogReader.ProbeAsync(database.ConnectionString, Cancelled);

        await database.ScriptAsync(ddl, Cancelled);

        (await CatalogReader.ProbeAsync(database.ConnectionString, Cancelled)).ShouldNotBe(before);
    }

    [Fact]
    public async Task Rows_statistics_and_temporary_tables_do_not_change_the_probe()
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        await database.ScriptAsync("CREATE TABLE t (b text)", Cancelled);
        string before = await CatalogReader.ProbeAsync(database.ConnectionString, Cancelled);

        await database.ScriptAsync("INSERT INTO t VALUES ('x'); ANALYZE t; CREATE TEMP TABLE tt (a int)", Cancelled);

        (await CatalogReader.ProbeAsync(database.ConnectionString, Cancelled)).ShouldBe(before);
    }

    [Fact]
    public async Task Rows_of_another_form_are_a_format_error()
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        var builder = new CatalogSnapshotBuilder();
        builder.Add(CatalogSection.Server, ["180000", database.Name]);
        builder.Add(CatalogSection.Schemas, ["not a number", "x"]);

        Should.Throw<FormatException>(() => builder.Build(""));
    }

    [Theory]
    [InlineData("{}", new string[0])]
    [InlineData("{a,b}", new[] { "a", "b" })]
    [InlineData("{\"a,b\",\"c\\\"d\"}", new[] { "a,b", "c\"d" })]
    [InlineData("{a,\"\",NULL}", new[] { "a", "", null })]
    public void Arrays_are_read_as_PostgreSQL_writes_them(string text, string?[] items) => ArrayText.Parse(text).ShouldBe(items);
}
