using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ModelContextProtocol.Client;
using Weir.ControlPlane.Server.Tests.Support;

namespace Weir.ControlPlane.Server.Tests.FrontDoors;

/// <summary>What an MCP client sees, without a database behind it; with one, the end-to-end tests go on.</summary>
public sealed class McpTests(ControlPlaneServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_without_a_token_learns_where_the_resource_is_described()
    {
        using var nobody = server.Client(null);
        using var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var refused = await nobody.PostAsync("/mcp", content, Cancellation);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var challenge = refused.Headers.WwwAuthenticate.Single();
        challenge.Scheme.ShouldBe("Bearer");
        var address = new Uri(challenge.Parameter!.Split('"')[1]);
        using var metadata = JsonDocument.Parse(await nobody.GetStringAsync(address, Cancellation));
        metadata.RootElement.GetProperty("resource").GetString().ShouldBe(new Uri(server.Url, "/mcp").ToString());
    }

    [Fact]
    public async Task There_are_at_most_six_tools_and_their_descriptions_are_short()
    {
        await using var client = await ConnectAsync(server.Tokens["assistant"]);
        var tools = await client.ListToolsAsync(cancellationToken: Cancellation);
        tools.Select(t => t.Name).ShouldBe(["list_connections", "describe_schema", "query", "execute", "request_access", "check_status"], ignoreOrder: true);

        // A token is about four characters of English or JSON: 2,000 tokens.
        tools.Sum(t => t.Description.Length + t.JsonSchema.GetRawText().Length).ShouldBeLessThan(8_000);
    }

    [Fact]
    public async Task Connections_come_as_structured_content()
    {
        await using var client = await ConnectAsync(server.Tokens["assistant"]);
        var answer = await client.CallToolAsync("list_connections", cancellationToken: Cancellation);
        answer.IsError.ShouldNotBe(true);
        answer.StructuredContent!.Value.GetProperty("connections").ValueKind.ShouldBe(JsonValueKind.Array);
    }

    [Fact]
    public async Task A_connection_that_does_not_exist_is_an_answer_that_says_so()
    {
        await using var client = await ConnectAsync(server.Tokens["assistant"]);
        var answer = await client.CallToolAsync("query", new Dictionary<string, object?> { ["connection"] = "nothing", ["statement"] = "SELECT 1" }, cancellationToken: Cancellation);
        answer.IsError.ShouldBe(true);
        answer.StructuredContent!.Value.GetProperty("status").GetString().ShouldBe("not_found");
        answer.StructuredContent!.Value.GetProperty("message").GetString()!.ShouldContain("nothing");
    }

    [Fact]
    public async Task A_page_of_another_site_is_refused()
    {
        using var client = server.Client(server.Tokens["assistant"]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("Origin", "https://elsewhere.example");
        using var response = await client.SendAsync(request, Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private async Task<McpClient> ConnectAsync(string token)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(server.Url, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" },
        });
        return await McpClient.CreateAsync(transport, cancellationToken: Cancellation);
    }
}
