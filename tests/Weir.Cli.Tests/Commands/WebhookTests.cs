using System.Text.Json.Nodes;
using Weir.Cli.Tests.Support;

namespace Weir.Cli.Tests.Commands;

public sealed class WebhookTests
{
    private const string Webhook = """
        { "id": "0199", "name": "dba", "url": "https://hooks.example/…", "format": "slack", "events": [ "review.opened" ], "connectionLabels": { "env": "prod" }, "status": "active" }
        """;

    [Fact]
    public async Task Creating_one_sends_what_was_given_and_shows_the_secret()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/webhooks", """{ "id": "0199", "secret": "whsec_x" }""");
        using var weir = new WeirCli(server);
        var made = await weir.RunAsync(
            "webhooks", "create", "dba", "--url", "https://hooks.example/x", "--format", "slack", "--event", "review.opened", "--connection-label", "env=prod", "-o", "json");
        made.ExitCode.ShouldBe(0);
        made.Json["secret"]!.GetValue<string>().ShouldBe("whsec_x");
        server.Requests.TryDequeue(out var asked).ShouldBeTrue();
        JsonNode.DeepEquals(asked!.Body, JsonNode.Parse("""
            { "name": "dba", "format": "slack", "events": [ "review.opened" ], "connectionLabels": { "env": "prod" }, "url": "https://hooks.example/x" }
            """)).ShouldBeTrue(asked.Body?.ToJsonString());
    }

    [Fact]
    public async Task What_is_not_given_stays_when_one_is_changed()
    {
        await using var server = new FakeControlPlane();
        server.Answer("GET /api/v1/webhooks/0199", Webhook).Answer("PUT /api/v1/webhooks/0199", Webhook);
        using var weir = new WeirCli(server);
        (await weir.RunAsync("webhooks", "update", "0199", "--event", "review.expired")).ExitCode.ShouldBe(0);
        server.Requests.TryDequeue(out _).ShouldBeTrue();
        server.Requests.TryDequeue(out var asked).ShouldBeTrue();
        JsonNode.DeepEquals(asked!.Body, JsonNode.Parse("""
            { "name": "dba", "format": "slack", "events": [ "review.expired" ], "connectionLabels": { "env": "prod" } }
            """)).ShouldBeTrue(asked.Body?.ToJsonString());
    }

    [Theory]
    [InlineData("delivered", 0)]
    [InlineData("pending", 1)]
    public async Task A_test_ends_with_what_the_receiver_answered(string status, int exitCode)
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/webhooks/0199/test", """{ "id": "0200", "status": "pending", "lastAttemptAt": null }""")
            .Answer("GET /api/v1/webhook-deliveries/0200", $$"""{ "id": "0200", "status": "{{status}}", "lastAttemptAt": "2026-03-01T12:00:00Z", "lastStatus": 503 }""");
        using var weir = new WeirCli(server);
        (await weir.RunAsync("webhooks", "test", "0199", "-o", "json")).ExitCode.ShouldBe(exitCode);
    }

    [Fact]
    public async Task A_label_of_another_form_is_wrong_usage()
    {
        await using var server = new FakeControlPlane();
        using var weir = new WeirCli(server);
        (await weir.RunAsync("webhooks", "create", "dba", "--url", "https://hooks.example/x", "--connection-label", "prod")).ExitCode.ShouldBe(2);
    }
}
