using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.CookieKeys;
using Weir.ControlPlane.Server.Hosting;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.Testing;

namespace Weir.ControlPlane.Server.Tests.Replicas;

/// <summary>Two control planes on one database.</summary>
public sealed partial class ReplicaTests(ControlPlaneServer server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_decided_through_one_reaches_an_agent_that_is_connected_to_the_other()
    {
        await using var other = await StartAsync();
        await using var agent = await AgentFixture.StartAsync(server, other.Options.GrpcPort);
        using var reviewer = server.Client(server.Tokens["dba@weir.example"]);
        using var developer = server.Client(server.Tokens["dev@weir.example"]);

        // Connection, access and credential were made at the first one as well.
        await using var connection = await agent.OpenAsync();
        var held = DeleteAsync(connection, 1);
        var review = await agent.NextReviewAsync(reviewer);
        (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{review["id"]}/approve", new JsonObject())).Status.ShouldBe(200);
        (await held.WaitAsync(Patience, Cancellation)).ShouldBe(1);

        var session = await Eventually.GetAsync(
            async () => (await ControlPlaneServer.SendAsync(developer, HttpMethod.Get, "/api/v1/sessions?limit=200")).Body!["items"]!.AsArray()
                .FirstOrDefault(s => s!["connection"]!.ToString() == agent.Name && s["status"]!.ToString() == "live"),
            Patience,
            "the session is recorded",
            Cancellation);
        (await ControlPlaneServer.SendAsync(developer, HttpMethod.Post, $"/api/v1/sessions/{session["id"]}/kill", new JsonObject { ["reason"] = "over there" })).Status.ShouldBe(200);
        var ended = await Eventually.GetAsync(() => FailureAsync(connection), Patience, "the session is ended", Cancellation);
        ended.ShouldContain("over there");
    }

    [Fact]
    public async Task What_was_said_while_a_replica_could_not_hear_is_made_up_for()
    {
        await using var other = await StartAsync();
        await using var agent = await AgentFixture.StartAsync(server, other.Options.GrpcPort);
        using var reviewer = server.Client(server.Tokens["dba@weir.example"]);
        await using var connection = await agent.OpenAsync();
        for (var id = 1; id <= 3; id++)
        {
            var held = DeleteAsync(connection, id);
            var review = await agent.NextReviewAsync(reviewer);
            await server.Postgres.ExecuteAsync("weir", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{ClusterListener.ApplicationName}'", Cancellation);
            (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{review["id"]}/approve", new JsonObject())).Status.ShouldBe(200);
            (await held.WaitAsync(Patience, Cancellation)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Who_has_signed_in_at_one_is_known_at_the_other_and_the_keys_are_not_readable_in_the_database()
    {
        // A machine of its own: nothing but the database and the master key are the same.
        var directory = Directory.CreateTempSubdirectory("weir-replica-").FullName;
        var masterKey = server.Services.GetRequiredService<ServerOptions>().MasterKeyFile;
        await using (var other = await StartAsync(("WEIR_DATA_DIR", directory), ("WEIR_MASTER_KEY_FILE", masterKey)))
        {
            var there = other.Options.PublicUrl;
            using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = server.Url };
            (await browser.GetAsync(new Uri(there, "/api/v1/me"), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            var form = await browser.GetStringAsync("/sign-in", Cancellation);
            using var content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["__RequestVerificationToken"] = AntiforgeryToken().Match(form).Groups[1].Value,
                ["email"] = ControlPlaneServer.AdminEmail,
                ["password"] = ControlPlaneServer.Password,
            });

            // The form of one is taken by the other, too.
            (await browser.PostAsync(new Uri(there, "/auth/sign-in"), content, Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await browser.GetAsync(new Uri(there, "/api/v1/me"), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await browser.GetAsync("/api/v1/me", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        Directory.Delete(directory, recursive: true);
        await using var database = new NpgsqlConnection(server.Postgres.ConnectionString("weir"));
        await database.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("SELECT string_agg(xml, '') FROM cookie_keys", database);
        var kept = (string)(await command.ExecuteScalarAsync(Cancellation))!;
        kept.ShouldContain("<sealed");
        kept.ShouldContain(nameof(MasterKeyXmlDecryptor));
        kept.ShouldNotContain("masterKey>");
    }

    private static Task<int> DeleteAsync(NpgsqlConnection connection, int id)
    {
        var command = new NpgsqlCommand($"DELETE FROM things WHERE id = {id}", connection);
        return command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<string?> FailureAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteNonQueryAsync(Cancellation);
            return null;
        }
        catch (PostgresException ended)
        {
            return ended.MessageText;
        }
    }

    private async Task<Replica> StartAsync(params (string, string)[] more)
    {
        var app = ServerHost.Build(server.Options(more));
        await ServerHost.EnsureReadyAsync(app, Cancellation);
        await app.StartAsync(Cancellation);
        return new Replica(app);
    }

    private sealed class Replica(WebApplication app) : IAsyncDisposable
    {
        public ServerOptions Options => app.Services.GetRequiredService<ServerOptions>();

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
