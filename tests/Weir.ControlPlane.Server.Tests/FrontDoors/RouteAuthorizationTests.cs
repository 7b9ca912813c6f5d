using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Weir.ControlPlane.Server.Tests.Support;

namespace Weir.ControlPlane.Server.Tests.FrontDoors;

/// <summary>No route is open by mistake, and none shows one organization to another.</summary>
public sealed class RouteAuthorizationTests(ControlPlaneServer server)
{
    // Who is not signed in yet, agents (which authenticate by their own assertion), probes and public descriptions. Whatever is added here is public.
    private static readonly string[] Anonymous =
    [
        "/api/v1/login", "/auth/sign-in", "/auth/sign-out", "/sign-in", "/healthz", "/readyz", "/openapi/{documentName}.json",
        "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp",

        // Answers 404 for the address of a file that there is none of.
        "/{**path:file}",
    ];

    private static readonly string[] AnonymousPrefixes = ["/weir.agent.v1.", "/_content/", "/_framework/", "/{unimplementedService", "/Weir.", "/weir-server."];

    private IEnumerable<RouteEndpoint> Routes => server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static string PatternOf(RouteEndpoint route) => "/" + route.RoutePattern.RawText!.TrimStart('/');

    [Fact]
    public void Every_route_asks_for_a_sign_in_or_is_on_the_list_of_public_ones()
    {
        var open = Routes
            .Where(r => r.Metadata.GetMetadata<IAllowAnonymous>() is not null || r.Metadata.GetMetadata<IAuthorizeData>() is null)
            .Select(PatternOf)
            .Where(p => !Anonymous.Contains(p) && !AnonymousPrefixes.Any(prefix => p.StartsWith(prefix, StringComparison.Ordinal)))
            .Distinct();
        open.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_api_route_refuses_a_caller_without_a_token()
    {
        using var nobody = server.Client(null);
        var checkedRoutes = 0;
        foreach (var route in Routes.Where(r => PatternOf(r).StartsWith("/api/v1/", StringComparison.Ordinal) && PatternOf(r) != "/api/v1/login"))
        {
            var method = new HttpMethod(route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]);
            var (status, body) = await ControlPlaneServer.SendAsync(nobody, method, PathOf(route), method == HttpMethod.Get ? null : new JsonObject());
            status.ShouldBe(401, PatternOf(route));
            body!["detail"]!.GetValue<string>().ShouldContain("token");
            checkedRoutes++;
        }

        checkedRoutes.ShouldBeGreaterThan(30);
    }

    [Fact]
    public async Task No_route_finds_what_belongs_to_another_organization()
    {
        using var own = server.Admin();
        using var other = server.Client(server.OtherTokens["admin@other.example"]);
        var ids = await MakeOneOfEachAsync(own);
        var walked = 0;
        foreach (var route in Routes.Where(r => PatternOf(r).StartsWith("/api/v1/", StringComparison.Ordinal) && PatternOf(r).Contains('{')))
        {
            var pattern = PatternOf(route);
            if (pattern.StartsWith("/api/v1/packs/", StringComparison.Ordinal))
            {
                continue; // Packs ship with the program and belong to nobody.
            }

            var resource = pattern.Split('/')[3];
            ids.ShouldContainKey(resource, $"the walk knows no {resource}");
            var path = pattern.Replace("{id:guid}", ids[resource], StringComparison.Ordinal).Replace("{id}", ids[resource], StringComparison.Ordinal)
                .Replace("{kind}", "Connection", StringComparison.Ordinal).Replace("{name}", ids[resource], StringComparison.Ordinal);
            path.ShouldNotContain("{");
            var method = new HttpMethod(route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]);
            var body = pattern.EndsWith("/groups", StringComparison.Ordinal) ? new JsonObject { ["groups"] = new JsonArray() }
                : pattern == "/api/v1/webhooks/{id:guid}" ? new JsonObject { ["name"] = "taken-over", ["url"] = "https://hooks.example/other" }
                : pattern.EndsWith("/roles", StringComparison.Ordinal) ? new JsonObject { ["roles"] = new JsonArray() }
                : new JsonObject();
            var (status, _) = await ControlPlaneServer.SendAsync(other, method, path, method == HttpMethod.Get ? null : body);
            status.ShouldBe(404, $"{method} {pattern}");
            walked++;
        }

        walked.ShouldBeGreaterThan(15);
        foreach (var list in new[] { "documents", "credentials?all=true", "principals", "tokens?all=true", "agents", "sessions", "reviews?all=true", "access-requests?all=true", "grants?all=true", "audit?limit=200", "groups", "webhooks" })
        {
            var (status, body) = await ControlPlaneServer.SendAsync(other, HttpMethod.Get, $"/api/v1/{list}");
            status.ShouldBe(200, list);
            var text = body!.ToJsonString();
            foreach (var id in ids.Values)
            {
                text.ShouldNotContain(id, Case.Sensitive, list);
            }

            text.ShouldNotContain("weir.example", Case.Sensitive, list);
        }
    }

    /// <summary>One thing of each kind in the first organization, by the name of its resource.</summary>
    private async Task<Dictionary<string, string>> MakeOneOfEachAsync(HttpClient own)
    {
        var name = $"walk-{Guid.NewGuid():N}"[..20];
        var connection = JsonNode.Parse($$$"""
            {"documents":[
              {"apiVersion":"weir/v1","kind":"Connection","metadata":{"name":"{{{name}}}"},
               "spec":{"protocol":"postgres","agents":{"names":["nobody"]},"upstream":{"host":"127.0.0.1","port":5432,"database":"x","user":"u","password":{"env":"P"} } } },
              {"apiVersion":"weir/v1","kind":"AccessRule","metadata":{"name":"{{{name}}}"},
               "spec":{"principals":{"groups":["engineers"]},"connections":{"names":["{{{name}}}"]},"access":"read","mode":"request",
                       "request":{"approvers":["dba"],"approvals":1,"maxDuration":"4h","requireReason":true} } }]}
            """)!;
        (await ControlPlaneServer.SendAsync(own, HttpMethod.Post, "/api/v1/documents/apply", connection)).Status.ShouldBe(200);
        using var developer = server.Client(server.Tokens["dev@weir.example"]);
        using var reviewer = server.Client(server.Tokens["dba@weir.example"]);
        var request = await PostAsync(developer, "/api/v1/access-requests", new JsonObject { ["connection"] = name, ["access"] = "read", ["duration"] = "1h", ["reason"] = "walk" });
        await PostAsync(reviewer, $"/api/v1/access-requests/{request["id"]}/approve", new JsonObject());
        var grants = (await ControlPlaneServer.SendAsync(own, HttpMethod.Get, "/api/v1/grants?limit=200")).Body!["items"]!.AsArray();
        var credential = await PostAsync(developer, "/api/v1/credentials", new JsonObject { ["connection"] = name });
        var token = await PostAsync(own, "/api/v1/tokens", new JsonObject { ["name"] = name });
        var principal = await PostAsync(own, "/api/v1/principals", new JsonObject { ["kind"] = "service_account", ["name"] = name });
        var webhook = await PostAsync(own, "/api/v1/webhooks", new JsonObject { ["name"] = name, ["url"] = "http://127.0.0.1:9/weir.example" });
        var delivery = await PostAsync(own, $"/api/v1/webhooks/{webhook["id"]}/test", new JsonObject());
        return new Dictionary<string, string>
        {
            ["webhooks"] = webhook["id"]!.ToString(),
            ["webhook-deliveries"] = delivery["id"]!.ToString(),
            ["documents"] = name,
            ["access-requests"] = request["id"]!.ToString(),
            ["grants"] = grants.First(g => g!["connection"]!.ToString() == name)!["id"]!.ToString(),
            ["credentials"] = credential["id"]!.ToString(),
            ["tokens"] = token["id"]!.ToString(),
            ["principals"] = principal["id"]!.ToString(),

            // Made by agents, of which this process has none: their reads are walked in the tests of the use cases, here with ids that nobody has.
            ["reviews"] = Guid.NewGuid().ToString(),
            ["sessions"] = Guid.NewGuid().ToString(),
            ["agents"] = Guid.NewGuid().ToString(),
        };
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string path, JsonNode body)
    {
        var (status, answer) = await ControlPlaneServer.SendAsync(client, HttpMethod.Post, path, body);
        status.ShouldBe(200, $"{path}: {answer}");
        return answer!;
    }

    private static string PathOf(RouteEndpoint route) =>
        PatternOf(route).Replace("{id:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal).Replace("{id}", "none", StringComparison.Ordinal)
            .Replace("{kind}", "Guardrail", StringComparison.Ordinal).Replace("{name}", "none", StringComparison.Ordinal);
}
