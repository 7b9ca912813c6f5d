using System.Text.Json.Nodes;
using Weir.Cli.Tests.Support;

namespace Weir.Cli.Tests.Commands;

public sealed class ApplyTests
{
    private const string Two = """
        apiVersion: weir/v1
        kind: Guardrail
        metadata: { name: one }
        spec: { when: { effects: [drop] }, action: deny }
        ---
        # the second
        apiVersion: weir/v1
        kind: Guardrail
        metadata: { name: two }
        spec: { when: { efects: [drop] }, action: deny }
        """;

    [Fact]
    public async Task All_documents_of_all_files_go_in_one_request_in_order()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/documents/apply", """{ "version": 3, "results": [ { "id": "1", "kind": "Guardrail", "name": "one", "action": "created", "changes": [] }, { "id": "2", "kind": "Guardrail", "name": "two", "action": "changed", "changes": [ "spec.action" ] } ] }""");
        using var weir = new WeirCli(server);
        var folder = Directory.CreateDirectory(Path.Combine(weir.Directory, "policies")).FullName;
        File.WriteAllText(Path.Combine(folder, "b.json"), """{ "apiVersion": "weir/v1", "kind": "Guardrail", "metadata": { "name": "three" }, "spec": {} }""");
        File.WriteAllText(Path.Combine(folder, "a.yaml"), Two);
        File.WriteAllText(Path.Combine(folder, "README.md"), "no document");

        var result = await weir.RunAsync("apply", "-f", folder, "-f", weir.Write("list.json", """[ { "apiVersion": "weir/v1", "kind": "Guardrail", "metadata": { "name": "four" }, "spec": {} } ]"""));

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldBe("Guardrail/one created\nGuardrail/two changed\n  spec.action\n");
        var body = server.Requests.ShouldHaveSingleItem().Body!;
        body["dryRun"]!.GetValue<bool>().ShouldBeFalse();
        body["documents"]!.AsArray().Select(d => d!["metadata"]!["name"]!.GetValue<string>()).ShouldBe(["one", "two", "three", "four"]);
        body["documents"]![0]!["spec"]!.ToJsonString().ShouldBe("""{"when":{"effects":["drop"]},"action":"deny"}""");
    }

    [Fact]
    public async Task Diff_asks_for_a_dry_run_and_prints_the_results_as_a_list_in_json()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/documents/apply", """{ "version": 3, "results": [ { "id": "1", "kind": "Guardrail", "name": "one", "action": "created", "changes": [] } ] }""");
        using var weir = new WeirCli(server);
        var file = weir.Write("two.yaml", Two);

        (await weir.RunAsync("diff", "-f", file)).Output.ShouldBe("Guardrail/one would be created\n");
        (await weir.RunAsync("diff", "-f", file, "-o", "json")).Json.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<string>().ShouldBe("1");
        server.Requests.ShouldAllBe(r => r.Body!["dryRun"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_the_server_says_about_a_document_is_told_with_its_file_number_and_name()
    {
        await using var server = new FakeControlPlane();
        server.Answer(
            "POST /api/v1/documents/apply",
            """{ "title": "The request is wrong; nothing was done.", "errors": { "documents[1].spec.when.efects": [ "There is no such key." ] } }""", 400, "application/problem+json");
        using var weir = new WeirCli(server);
        var file = weir.Write("two.yaml", Two);

        var result = await weir.RunAsync("apply", "-f", file);

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain($"{file}, document 2 (Guardrail/two): spec.when.efects: There is no such key.");
    }

    [Theory]
    [InlineData("a: [1, 2", ":1:")]
    [InlineData("a: 1\na: 2", "Duplicate key a")]
    [InlineData("- just\n- a list", "must be a mapping")]
    [InlineData("just text", "must be a mapping")]
    [InlineData("", "no documents")]
    [InlineData("a: &x [1]\nb: *x", "aliases")]
    public async Task A_file_that_is_no_set_of_documents_is_wrong_usage_and_nothing_is_sent(string content, string named)
    {
        await using var server = new FakeControlPlane();
        using var weir = new WeirCli(server);
        var result = await weir.RunAsync("apply", "-f", weir.Write("bad.yaml", content));
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain(named);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_second_of_two_documents_is_named_when_it_is_wrong()
    {
        using var weir = new WeirCli(null).With("WEIR_API_URL", "http://127.0.0.1:1").With("WEIR_TOKEN", "x");
        (await weir.RunAsync("apply", "-f", weir.Write("bad.yaml", "kind: X\n---\n- 1\n- 2\n"))).Error.ShouldContain("bad.yaml, document 2");
    }

    [Fact]
    public async Task Standard_input_is_a_file_too()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/documents/apply", """{ "version": 1, "results": [] }""");
        using var weir = new WeirCli(server);
        (await weir.RunWithInputAsync(Two, "apply", "-f", "-")).ExitCode.ShouldBe(0);
        server.Requests.Last().Body!["documents"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_get_prints_as_yaml_can_be_applied_again()
    {
        const string document = """
            { "id": "1", "apiVersion": "weir/v1", "kind": "Connection", "metadata": { "name": "orders", "labels": { "env": "prod", "on": "yes" } },
              "spec": { "protocol": "postgres", "upstream": { "host": "127.0.0.1", "port": 5439, "database": "orders" }, "note": "a: b # c", "list": [ [ 1, "2" ], {}, [], null, true, 1.5, "true", "", "- x", "multi\nline" ] } }
            """;
        await using var server = new FakeControlPlane();
        server.Answer("GET /api/v1/documents/Connection/orders", document).AnswerList("GET /api/v1/documents?kind=Connection", $"[{document},{document}]")
            .Answer("POST /api/v1/documents/apply", """{ "version": 1, "results": [] }""");
        using var weir = new WeirCli(server);
        var expected = JsonNode.Parse(document)!.AsObject();
        expected.Remove("id");

        await weir.RunWithInputAsync((await weir.RunAsync("get", "connection", "orders", "-o", "yaml")).Output, "apply", "-f", "-");
        JsonNode.DeepEquals(server.Requests.Last().Body!["documents"]![0], expected).ShouldBeTrue(server.Requests.Last().Body!.ToJsonString());

        await weir.RunWithInputAsync((await weir.RunAsync("get", "connections", "-o", "yaml")).Output, "apply", "-f", "-");
        server.Requests.Last().Body!["documents"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Kinds_are_understood_in_any_case_plural_or_with_dashes()
    {
        await using var server = new FakeControlPlane();
        server.AnswerList("GET /api/v1/documents?kind=MaskingRule", "[]").Answer("DELETE /api/v1/documents/MaskingRule/pii", """{ "version": 2 }""");
        using var weir = new WeirCli(server);
        foreach (var kind in new[] { "MaskingRule", "maskingrules", "masking-rule" })
        {
            (await weir.RunAsync("get", kind)).ExitCode.ShouldBe(0);
        }

        (await weir.RunAsync("delete", "maskingrule", "pii")).Output.ShouldBe("MaskingRule/pii deleted\n");
    }
}
