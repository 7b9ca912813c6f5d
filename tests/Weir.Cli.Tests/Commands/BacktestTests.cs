using System.Text.Json.Nodes;
using Weir.Cli.Tests.Support;

namespace Weir.Cli.Tests.Commands;

public sealed class BacktestTests
{
    [Fact]
    public async Task It_sends_the_documents_and_the_time_and_prints_what_would_change()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/policy/backtest", """
            { "statements": 10, "judged": 9, "changed": 4, "changes": [ { "id": "1", "principal": "dev", "connection": "orders", "was": "allow", "wouldBe": "deny", "rule": "no-drop", "message": "Never.", "count": 4, "example": "DROP TABLE x" } ] }
            """);
        using var weir = new WeirCli(server);
        var file = weir.Write("g.yaml", "kind: Guardrail");

        var table = await weir.RunAsync("policy", "backtest", "-f", file, "--since", "30d");

        table.ExitCode.ShouldBe(0, table.Error);
        table.Output.ShouldContain("changed     4");
        table.Output.ShouldContain("DROP TABLE x");
        JsonNode.DeepEquals(server.Requests.Last().Body, JsonNode.Parse("""{ "documents": [ { "kind": "Guardrail" } ], "since": "30d" }""")).ShouldBeTrue();
        (await weir.RunAsync("policy", "backtest", "-f", file, "-o", "json")).Json["changes"]![0]!["wouldBe"]!.GetValue<string>().ShouldBe("deny");
        server.Requests.Last().Body!["since"]!.GetValue<string>().ShouldBe("7d");
    }
}
