using Weir.Cli.Tests.Support;
using Weir.Testing;
using Weir.Testing.Postgres;
using Weir.Testing.Processes;

namespace Weir.Cli.Tests.Policies;

public sealed class CatalogFileTests(PostgresServerFixture postgres)
{
    [Fact]
    public async Task With_the_databases_catalog_the_verdicts_are_exactly_those_of_an_agent()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.LoadSampleAsync(10, TestContext.Current.CancellationToken);
        await database.ExecuteAsync("COMMENT ON TABLE customers IS E'tab\\t and\\nbreak \\\\'; CREATE VIEW safe AS SELECT id, email FROM customers", TestContext.Current.CancellationToken);
        using var weir = new WeirCli();
        var script = await weir.RunAsync("policy", "catalog");
        var written = await ProcessRunner.RunAsync("psql", ["-XqAt", "--dbname", database.Url], standardInput: script.Output, cancellationToken: TestContext.Current.CancellationToken);
        written.EnsureSuccess();
        var catalog = weir.Write("catalog", written.Output);

        var judged = await weir.RunWithInputAsync(
            "SELECT id, email FROM customers WHERE id = 1; SELECT id FROM safe WHERE lower(email) = 'x' ORDER BY id; SELECT count(*) FROM customers WHERE ssn > '5'; UPDATE orders SET status = 'a' WHERE id = 7",
            "policy", "test", "-f", RepositoryRoot.Combine("deploy/sample"), "--sql", "-", "--groups", "dba", "--catalog", catalog, "-o", "json");

        judged.ExitCode.ShouldBe(0, judged.Error);
        judged.Json.AsArray().Select(v => v!["verdict"]!.GetValue<string>()).ShouldBe(["allow", "allow", "deny", "allow"], judged.Output);
        var explained = await weir.RunAsync("policy", "explain", "SELECT * FROM safe", "--catalog", catalog, "-o", "json");
        explained.Json[0]!["resultColumns"]!.AsArray().Select(c => c!["from"]![0]!.GetValue<string>()).ShouldBe(["public.customers.id", "public.customers.email"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a catalog\n")]
    [InlineData("\\section Server\n180004\tpostgres\n")]
    [InlineData("\\section Server\n180004\n\\section End\n")]
    [InlineData("\\section Surprise\nx\n\\section End\n")]
    public async Task A_file_that_is_not_a_whole_catalog_is_wrong_usage(string content)
    {
        using var weir = new WeirCli();
        var result = await weir.RunAsync("policy", "explain", "SELECT 1", "--catalog", weir.Write("catalog", content));
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("catalog");
    }
}
