using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;
using Weir.Cli.Tests.Support;

namespace Weir.Cli.Tests.Commands;

public sealed class OutputShapeTests
{
    private const string Review = """
        { "id": "0199", "status": "open", "principal": "dev@weir.example", "connection": "orders", "statement": "DELETE FROM orders", "reasons": [ { "rule": "unbounded-writes" } ],
          "createdAt": "2026-03-01T12:00:00+00:00", "expiresAt": "2026-03-01T12:15:00+00:00" }
        """;

    private const string Issued = """
        { "id": "w_abc", "secret": "s3cret", "directUrl": "postgresql://w_abc:s3cret@127.0.0.1:6433/orders", "relayUrl": null, "expiresAt": "2026-03-01T13:00:00+00:00",
          "principal": "dev@weir.example", "connection": "orders", "grant": null, "warnings": [ "No agent is connected." ] }
        """;

    [Fact]
    public async Task A_list_is_an_array_of_objects_in_json()
    {
        await using var server = new FakeControlPlane();
        server.AnswerList("GET /api/v1/reviews", $"[{Review}]").AnswerList("GET /api/v1/reviews?all=true", $"[{Review},{Review}]");
        using var weir = new WeirCli(server);

        var list = await weir.RunAsync("reviews", "list", "-o", "json");
        list.ExitCode.ShouldBe(0);
        JsonNode.DeepEquals(list.Json, JsonNode.Parse($"[{Review}]")).ShouldBeTrue(list.Output);
        (await weir.RunAsync("reviews", "list", "--all", "-o", "json")).Json.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_empty_list_is_an_empty_array_in_json_and_says_so_to_people()
    {
        await using var server = new FakeControlPlane();
        server.AnswerList("GET /api/v1/reviews", "[]");
        using var weir = new WeirCli(server);
        (await weir.RunAsync("reviews", "list", "-o", "json")).Json.AsArray().ShouldBeEmpty();
        (await weir.RunAsync("reviews", "list")).Output.ShouldBe("(none)\n");
        (await weir.RunAsync("reviews", "list", "-o", "yaml")).Output.Trim().ShouldBe("[]");
    }

    [Fact]
    public async Task A_table_has_headings_and_a_line_for_each_item()
    {
        await using var server = new FakeControlPlane();
        server.AnswerList("GET /api/v1/reviews", $"[{Review}]");
        using var weir = new WeirCli(server);

        var lines = (await weir.RunAsync("reviews", "list")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Length.ShouldBe(2);
        lines[0].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ShouldBe(["ID", "STATUS", "PRINCIPAL", "CONNECTION", "STATEMENT", "EXPIRES AT"]);
        lines[1].ShouldContain("DELETE FROM orders");
        lines[1].ShouldEndWith("2026-03-01 12:15:00Z");
    }

    [Fact]
    public async Task Yaml_holds_the_same_as_json()
    {
        await using var server = new FakeControlPlane();
        server.Answer("GET /api/v1/reviews/0199", Review);
        using var weir = new WeirCli(server);

        var yaml = await weir.RunAsync("reviews", "show", "0199", "-o", "yaml");

        JsonNode.DeepEquals(YamlText.ReadAll("output", new StringReader(yaml.Output)).ShouldHaveSingleItem(), JsonNode.Parse(Review)).ShouldBeTrue(yaml.Output);
    }

    [Fact]
    public async Task All_pages_of_a_list_are_read()
    {
        await using var server = new FakeControlPlane();
        server.Answer("GET /api/v1/grants", """{ "items": [ { "id": "1" } ], "next": "a b" }""").AnswerList("GET /api/v1/grants?after=a%20b", """[ { "id": "2" } ]""");
        using var weir = new WeirCli(server);
        (await weir.RunAsync("grants", "list", "-o", "json")).Json.AsArray().Select(g => g!["id"]!.GetValue<string>()).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Issuing_a_credential_gives_id_secret_urls_and_end_and_warns_on_standard_error()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/credentials", Issued);
        using var weir = new WeirCli(server);

        var json = await weir.RunAsync("credentials", "issue", "--connection", "orders", "--principal", "assistant", "--ttl", "8h", "-o", "json");

        json.Json.AsObject().Select(p => p.Key).Take(5).ShouldBe(["id", "secret", "directUrl", "relayUrl", "expiresAt"]);
        json.Error.ShouldContain("No agent is connected.");
        JsonNode.DeepEquals(server.Requests.Last().Body, JsonNode.Parse("""{ "connection": "orders", "principal": "assistant", "ttl": "8h" }""")).ShouldBeTrue();
        var table = await weir.RunAsync("credentials", "issue", "--connection", "orders");
        table.Output.ShouldContain("secret     s3cret");
        table.Output.ShouldNotContain("relayUrl");
    }

    [Fact]
    public async Task Of_a_client_certificates_file_the_certificate_alone_is_sent()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/credentials", Issued);
        using var weir = new WeirCli(server);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=dev", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        var file = weir.Write("both.pem", key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem());

        (await weir.RunAsync("credentials", "issue", "--connection", "orders", "--client-certificate", file)).ExitCode.ShouldBe(0);

        server.Requests.Last().Body!["clientCertificate"]!.GetValue<string>().ShouldBe(certificate.ExportCertificatePem());
        var asked = server.Requests.Count;
        foreach (var wrong in new[] { weir.Write("key.pem", key.ExportPkcs8PrivateKeyPem()), Path.Combine(weir.Directory, "none.pem") })
        {
            var result = await weir.RunAsync("credentials", "issue", "--connection", "orders", "--client-certificate", wrong);
            result.ExitCode.ShouldBe(1);
            result.Error.ShouldContain("PEM certificate");
        }

        server.Requests.Count.ShouldBe(asked);
    }

    [Fact]
    public async Task Psql_and_connect_say_what_is_missing_when_there_is_no_road()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/credentials", Issued);
        using var weir = new WeirCli(server);
        foreach (var command in new[] { "psql", "connect" })
        {
            var result = await weir.RunAsync(command, "orders");
            result.ExitCode.ShouldBe(1);
            result.Error.ShouldContain("no relay");
            result.Error.ShouldNotContain("s3cret");
        }
    }

    [Fact]
    public async Task A_session_is_shown_with_all_pages_of_its_statements()
    {
        await using var server = new FakeControlPlane();
        server.Answer("GET /api/v1/sessions/7", """{ "id": "7", "principal": "dev", "statements": [ { "id": "7:1", "sequence": 1, "text": "SELECT 1" } ], "nextStatement": 1 }""")
            .Answer("GET /api/v1/sessions/7?afterStatement=1", """{ "id": "7", "statements": [ { "id": "7:2", "sequence": 2, "text": "SELECT 2" } ], "nextStatement": null }""");
        using var weir = new WeirCli(server);

        var shown = (await weir.RunAsync("sessions", "show", "7", "-o", "json")).Json.AsObject();

        shown["statements"]!.AsArray().Select(s => s!["sequence"]!.GetValue<int>()).ShouldBe([1, 2]);
        shown.ContainsKey("nextStatement").ShouldBeFalse();
        (await weir.RunAsync("sessions", "show", "7")).Output.ShouldContain("SELECT 2");
    }

    [Fact]
    public async Task An_export_is_given_on_line_by_line_as_it_was_sealed()
    {
        await using var server = new FakeControlPlane();
        const string lines = "{\"session\":{\"id\":\"7\"}}\n{\"event\":{\"sequence\":1,\"hash\":\"ab\",\"body\":\"AA==\"}}\n{\"seal\":{\"number\":1}}\n";
        server.Answer("GET /api/v1/sessions/7/export", lines, 200, "application/x-ndjson");
        using var weir = new WeirCli(server);
        (await weir.RunAsync("sessions", "export", "7")).Output.ShouldBe(lines);
    }

    [Fact]
    public async Task A_broken_chain_ends_with_1_and_is_named()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/audit/verify", """
            { "ok": false, "sessions": { "checked": 3, "broken": [] }, "seals": { "checked": 2, "broken": [ { "id": "1", "what": "is missing" } ] }, "auditEvents": { "checked": 9, "broken": [] } }
            """);
        using var weir = new WeirCli(server);

        var result = await weir.RunAsync("audit", "verify");

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldContain("seals: 2 checked, 1 broken");
        result.Output.ShouldContain("is missing");
        (await weir.RunAsync("audit", "verify", "-o", "json")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_stranger_wrote_does_not_steer_the_terminal()
    {
        await using var server = new FakeControlPlane();
        var hostile = new JsonObject { ["id"] = "7", ["status"] = "open", ["statement"] = "SELECT 1 \u001b[2J\u202Ereversed\r\nnext", ["principal"] = "dev\u0007" };
        server.Answer("GET /api/v1/reviews/7", hostile.ToJsonString()).AnswerList("GET /api/v1/reviews", $"[{hostile.ToJsonString()}]")
            .Answer("POST /api/v1/reviews/7/approve", """{ "detail": "no \u001b[31m" }""", 403);
        using var weir = new WeirCli(server);
        foreach (var arguments in new string[][] { ["reviews", "list"], ["reviews", "show", "7"], ["reviews", "approve", "7"], ["reviews", "show", "7", "-o", "json"] })
        {
            var result = await weir.RunAsync(arguments);
            (result.Output + result.Error).ShouldAllBe(c => !char.IsControl(c) || c == '\n');
            if (!arguments.Contains("json"))
            {
                (result.Output + result.Error).ShouldNotContain("\u202E");
            }
        }
    }

    [Fact]
    public async Task A_replay_is_a_line_for_each_event()
    {
        await using var server = new FakeControlPlane();
        server.AnswerList("GET /api/v1/sessions/7/replay", """
            [ { "id": "7:1", "at": "2026-03-01T12:00:00+00:00", "type": "started", "principal": "dev", "connection": "orders", "clientAddress": "127.0.0.1" },
              { "id": "7:2", "at": "2026-03-01T12:00:01+00:00", "type": "statement", "statement": 1, "text": "DROP TABLE t", "decision": "deny", "reasons": [ { "message": "no" } ] },
              { "id": "7:3", "at": "2026-03-01T12:00:01+00:00", "type": "finished", "statement": 1, "status": "denied", "rows": null, "durationMs": 0.1, "errorMessage": "weir: denied" } ]
            """);
        using var weir = new WeirCli(server);
        var output = (await weir.RunAsync("sessions", "replay", "7")).Output;
        output.ShouldContain("dev on orders from 127.0.0.1");
        output.ShouldContain("#1 [deny] DROP TABLE t");
        output.ShouldContain("weir: denied");
        (await weir.RunAsync("sessions", "replay", "7", "-o", "json")).Json.AsArray().Count.ShouldBe(3);
    }
}
