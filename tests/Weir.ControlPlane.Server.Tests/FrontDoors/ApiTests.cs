using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Weir.ControlPlane.Server.Tests.Support;

namespace Weir.ControlPlane.Server.Tests.FrontDoors;

/// <summary>What scripts meet at the HTTP API.</summary>
public sealed class ApiTests(ControlPlaneServer server)
{
    [Fact]
    public async Task An_unknown_key_is_refused_by_name()
    {
        using var admin = server.Admin();
        var (status, body) = await ControlPlaneServer.SendAsync(
            admin, HttpMethod.Post, "/api/v1/credentials", new JsonObject { ["connection"] = "orders", ["timeToLive"] = "1h" });
        status.ShouldBe(400);
        body!["detail"]!.GetValue<string>().ShouldContain("$.timeToLive");
    }

    [Theory]
    [InlineData("""{"connection":"orders","ttl":"an hour"}""", "$.ttl")]
    [InlineData("""{"ttl":"1h"}""", "connection")]
    [InlineData("""{"connection":""", "$")]
    [InlineData("[]", "$")]
    public async Task A_wrong_body_is_refused_and_says_where(string body, string where)
    {
        using var admin = server.Admin();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await admin.PostAsync("/api/v1/credentials", content, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["detail"]!.GetValue<string>().ShouldContain(where);
    }

    [Fact]
    public async Task A_document_with_an_unknown_effect_changes_nothing_and_names_it()
    {
        using var admin = server.Admin();
        var documents = JsonNode.Parse("""
            {"documents":[
              {"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"good-one"},"spec":{"when":{"effects":["drop"]},"action":"deny"}},
              {"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"bad-one"},"spec":{"when":{"effects":["dropp"]},"action":"deny"}}]}
            """)!;
        var (status, body) = await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, "/api/v1/documents/apply", documents);
        status.ShouldBe(400);
        body!["errors"]!.ToJsonString().ShouldContain("dropp");
        (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, "/api/v1/documents/Guardrail/good-one")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("/api/v1/documents?limit=0")]
    [InlineData("/api/v1/documents?limit=201")]
    [InlineData("/api/v1/documents?limit=many")]
    [InlineData("/api/v1/audit?after=not-a-cursor")]
    public async Task A_page_that_can_not_be_is_refused(string path)
    {
        using var admin = server.Admin();
        (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, path)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_unknown_address_is_not_found_and_says_where_the_description_is()
    {
        using var admin = server.Admin();
        var (status, body) = await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, "/api/v1/nothing");
        status.ShouldBe(404);
        body!["detail"]!.GetValue<string>().ShouldContain("/openapi/v1.json");
        (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, "/openapi/v1.json")).Body!["openapi"]!.GetValue<string>().ShouldStartWith("3.1");
    }

    [Fact]
    public async Task Lists_come_in_pages_that_meet_without_gap_or_overlap()
    {
        using var admin = server.Admin();
        for (var i = 0; i < 5; i++)
        {
            (await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, "/api/v1/tokens", new JsonObject { ["name"] = $"page-{i}" })).Status.ShouldBe(200);
        }

        var whole = Ids((await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, "/api/v1/tokens?all=true&limit=200")).Body!);
        var paged = new List<string>();
        string? after = null;
        do
        {
            var page = (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, $"/api/v1/tokens?all=true&limit=2{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}")).Body!;
            paged.AddRange(Ids(page));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);
        paged.ShouldBe(whole);

        static List<string> Ids(JsonNode page) => [.. page["items"]!.AsArray().Select(i => i!["id"]!.ToString())];
    }

    [Fact]
    public async Task A_secret_is_in_the_answer_that_makes_it_and_nowhere_else()
    {
        using var admin = server.Admin();
        var made = (await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, "/api/v1/tokens", new JsonObject { ["name"] = "seen once" })).Body!;
        var secret = made["token"]!.GetValue<string>();
        foreach (var path in new[] { "/api/v1/tokens?all=true&limit=200", "/api/v1/audit?limit=200" })
        {
            (await ControlPlaneServer.SendAsync(admin, HttpMethod.Get, path)).Body!.ToJsonString().ShouldNotContain(secret);
        }

        using var bearer = server.Client(secret);
        (await ControlPlaneServer.SendAsync(bearer, HttpMethod.Get, "/api/v1/me")).Status.ShouldBe(200);
        (await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, $"/api/v1/tokens/{made["id"]}/revoke")).Status.ShouldBe(200);
        (await ControlPlaneServer.SendAsync(bearer, HttpMethod.Get, "/api/v1/me")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_login_gives_a_token_and_a_wrong_password_says_nothing_more()
    {
        using var nobody = server.Client(null);
        var (status, body) = await ControlPlaneServer.SendAsync(
            nobody, HttpMethod.Post, "/api/v1/login", new JsonObject { ["email"] = ControlPlaneServer.AdminEmail, ["password"] = ControlPlaneServer.Password });
        status.ShouldBe(200);
        using var bearer = server.Client(body!["token"]!.GetValue<string>());
        (await ControlPlaneServer.SendAsync(bearer, HttpMethod.Get, "/api/v1/me")).Body!["name"]!.GetValue<string>().ShouldBe(ControlPlaneServer.AdminEmail);
        var wrong = await ControlPlaneServer.SendAsync(nobody, HttpMethod.Post, "/api/v1/login", new JsonObject { ["email"] = ControlPlaneServer.AdminEmail, ["password"] = "wrong" });
        var unknown = await ControlPlaneServer.SendAsync(nobody, HttpMethod.Post, "/api/v1/login", new JsonObject { ["email"] = "nobody@weir.example", ["password"] = "wrong" });
        wrong.Status.ShouldBe(401);
        unknown.Status.ShouldBe(401);
        wrong.Body!["detail"]!.GetValue<string>().ShouldBe(unknown.Body!["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task Agents_port_and_peoples_port_serve_nothing_of_each_other()
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(server.CaFile);
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck } },
        };
        using var agents = new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://127.0.0.1:{server.GrpcPort}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (var path in new[] { "/", "/sign-in", "/api/v1/me", "/openapi/v1.json" })
        {
            using var response = await agents.GetAsync(path, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
        }

        using var people = server.Client(null);
        using var content = new ByteArrayContent([]);
        content.Headers.ContentType = new("application/grpc");
        using var call = await people.PostAsync("/weir.agent.v1.Enrollment/Enroll", content, TestContext.Current.CancellationToken);
        call.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Health_and_readiness_need_no_token()
    {
        using var nobody = server.Client(null);
        (await nobody.GetAsync("/healthz", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await nobody.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
