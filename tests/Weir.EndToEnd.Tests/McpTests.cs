using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Weir.EndToEnd.Tests.Support;

namespace Weir.EndToEnd.Tests;

/// <summary>A model reaches the database through the same gate: masked, refused with the rule's name, held for people, recorded.</summary>
public sealed class McpTests(Quickstart weir)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_comes_back_typed_masked_and_in_pages()
    {
        await using var client = await ConnectAsync("WEIR_AI_TOKEN");
        var first = await QueryAsync(client, "SELECT id, full_name, ssn FROM customers ORDER BY id", maxRows: 2);
        first.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("name").GetString()).ShouldBe(["id", "full_name", "ssn"]);
        first.GetProperty("rows")[0][0].ValueKind.ShouldBe(JsonValueKind.Number);
        var secrets = await weir.UpstreamAsync<string[]>("SELECT array_agg(ssn::text) FROM (SELECT ssn FROM customers ORDER BY id LIMIT 4) s");
        var second = await QueryAsync(client, "SELECT id, full_name, ssn FROM customers ORDER BY id", maxRows: 2, cursor: first.GetProperty("nextCursor").GetString());
        first.GetProperty("rows").GetArrayLength().ShouldBe(2);
        second.GetProperty("rows")[0][0].GetInt64().ShouldBe(first.GetProperty("rows")[1][0].GetInt64() + 1);
        foreach (var secret in secrets!)
        {
            (first.GetRawText() + second.GetRawText()).ShouldNotContain(secret);
        }
    }

    [Fact]
    public async Task A_refusal_names_the_rule_and_the_next_step()
    {
        await using var client = await ConnectAsync("WEIR_DEVELOPER_TOKEN");
        var answer = await CallAsync(client, "execute", new() { ["connection"] = "orders", ["statement"] = "DROP TABLE orders" });
        answer.IsError.ShouldBe(true);
        var refused = answer.StructuredContent!.Value;
        refused.GetProperty("status").GetString().ShouldBe("refused");
        refused.GetProperty("sqlState").GetString().ShouldBe("42501");
        refused.GetProperty("rule").GetString().ShouldBe("no-destructive-ddl");
        refused.GetProperty("next").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_query_can_not_write()
    {
        await using var client = await ConnectAsync("WEIR_DEVELOPER_TOKEN");
        var answer = await CallAsync(client, "query", new() { ["connection"] = "orders", ["statement"] = "UPDATE orders SET status = status WHERE id = 1" });
        answer.StructuredContent!.Value.GetProperty("sqlState").GetString().ShouldBe("25006");
    }

    [Fact]
    public async Task A_held_statement_passes_once_after_it_was_approved()
    {
        await using var client = await ConnectAsync("WEIR_DEVELOPER_TOKEN");
        var statement = $"UPDATE orders SET note = NULL /* {Guid.NewGuid():N} */";
        var held = (await CallAsync(client, "execute", new() { ["connection"] = "orders", ["statement"] = statement })).StructuredContent!.Value;
        held.GetProperty("status").GetString().ShouldBe("held", held.GetRawText());
        var id = held.GetProperty("reviewId").GetString()!;
        (await StatusAsync(client, id)).ShouldBe("open");
        await weir.WeirAsync("WEIR_REVIEWER_TOKEN", "reviews", "approve", id);
        (await StatusAsync(client, id)).ShouldBe("approved");
        var done = (await CallAsync(client, "execute", new() { ["connection"] = "orders", ["statement"] = statement })).StructuredContent!.Value;
        done.GetProperty("status").GetString().ShouldBe("ok", done.GetRawText());
        done.GetProperty("rowsAffected").GetInt64().ShouldBeGreaterThan(1000);
        await Weir.Testing.Eventually.HoldsAsync(
            async () => await StatusAsync(client, id) == "consumed", TimeSpan.FromSeconds(10), "the approval is used up", Cancellation);
    }

    [Fact]
    public async Task What_a_model_did_is_recorded_as_its_own_on_behalf_of_its_user()
    {
        await using var client = await ConnectAsync("WEIR_AI_TOKEN");
        var mark = Guid.NewGuid().ToString("N");
        await QueryAsync(client, $"SELECT 1 AS one /* {mark} */", maxRows: 1);
        var session = await Weir.Testing.Eventually.GetAsync(
            async () =>
            {
                foreach (var item in (await weir.WeirJsonAsync("WEIR_ADMIN_TOKEN", "sessions", "list", "--principal", "assistant", "--limit", "10")).AsArray())
                {
                    var shown = await weir.WeirJsonAsync("WEIR_ADMIN_TOKEN", "sessions", "show", item!["id"]!.GetValue<string>());
                    if (shown["statements"]!.ToJsonString().Contains(mark, StringComparison.Ordinal))
                    {
                        return shown;
                    }
                }

                return null;
            },
            TimeSpan.FromSeconds(20),
            "the session is recorded",
            Cancellation);
        session["principalKind"]!.GetValue<string>().ShouldBe("ai_agent");
        session["onBehalfOf"]!.GetValue<string>().ShouldBe("dev@weir.example");
        session["relayed"]!.GetValue<bool>().ShouldBeTrue();
        session["context"]!["purpose"]!.GetValue<string>().ShouldBe("mcp query");
    }

    private async Task<McpClient> ConnectAsync(string tokenKey) => await McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(weir.Settings["WEIR_MCP_URL"]),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {weir.Settings[tokenKey]}" },
        }),
        cancellationToken: Cancellation);

    private static async Task<CallToolResult> CallAsync(McpClient client, string tool, Dictionary<string, object?> arguments) =>
        await client.CallToolAsync(tool, arguments, cancellationToken: Cancellation);

    private static async Task<JsonElement> QueryAsync(McpClient client, string statement, int maxRows, string? cursor = null)
    {
        var answer = await CallAsync(client, "query", new() { ["connection"] = "orders", ["statement"] = statement, ["maxRows"] = maxRows, ["cursor"] = cursor });
        answer.IsError.ShouldNotBe(true, answer.StructuredContent?.GetRawText());
        return answer.StructuredContent!.Value;
    }

    private static async Task<string> StatusAsync(McpClient client, string id) =>
        (await CallAsync(client, "check_status", new() { ["id"] = id })).StructuredContent!.Value.GetProperty("status").GetString()!;
}
