using System.Text.Json.Nodes;
using Weir.Cli.Tests.Support;

namespace Weir.Cli.Tests.Commands;

public sealed class ReviewTests
{
    [Theory]
    [InlineData(new string[0], "{}")]
    [InlineData(new[] { "--comment", "fine" }, """{ "comment": "fine" }""")]
    [InlineData(new[] { "--for", "30m", "--comment", "fine" }, """{ "comment": "fine", "window": "30m" }""")]
    public async Task An_approval_is_for_the_statement_once_or_for_its_shape_for_a_while(string[] options, string body)
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/reviews/0199/approve", """{ "id": "0199", "status": "approved", "windowUntil": "2026-03-01T12:30:00Z" }""");
        using var weir = new WeirCli(server);
        var answer = await weir.RunAsync(["reviews", "approve", "0199", .. options]);
        answer.ExitCode.ShouldBe(0);
        answer.Output.ShouldContain("every statement of its shape until 2026-03-01 12:30:00Z");
        server.Requests.TryDequeue(out var asked).ShouldBeTrue();
        JsonNode.DeepEquals(asked!.Body, JsonNode.Parse(body)).ShouldBeTrue(asked.Body?.ToJsonString());
    }

    [Fact]
    public async Task What_passed_under_a_review_is_a_list()
    {
        await using var server = new FakeControlPlane();
        server.AnswerList("GET /api/v1/reviews/0199/uses", """[{ "id": "x:4", "statement": "DELETE FROM orders WHERE id = 4", "status": "ok" }]""");
        using var weir = new WeirCli(server);
        (await weir.RunAsync("reviews", "uses", "0199", "-o", "json")).Json.AsArray().Count.ShouldBe(1);
    }
}
