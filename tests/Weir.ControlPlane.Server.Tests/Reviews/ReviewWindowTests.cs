using System.Text.Json.Nodes;
using Npgsql;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.Testing;

namespace Weir.ControlPlane.Server.Tests.Reviews;

/// <summary>From a reviewer's request at the API to a statement at a real agent and back.</summary>
public sealed class ReviewWindowTests(ControlPlaneServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_approval_lets_a_pool_pass_for_a_while_over_a_restart_of_the_agent_and_until_it_is_withdrawn()
    {
        await using var agent = await AgentFixture.StartAsync(server);
        using var reviewer = server.Client(server.Tokens["dba@weir.example"]);
        var pool = new List<NpgsqlConnection>();
        for (var i = 0; i < 4; i++)
        {
            pool.Add(await agent.OpenAsync());
        }

        // Four ask before anybody answers; one answer releases all of them.
        var asked = pool.Select((c, i) => DeleteAsync(c, i + 1)).ToList();
        await Eventually.HoldsAsync(
            async () => (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Get, "/api/v1/reviews?limit=200")).Body!["items"]!.AsArray().Count(r => r!["connection"]!.ToString() == agent.Name) == 4,
            TimeSpan.FromSeconds(60),
            "four reviews are open",
            Cancellation);
        var review = await agent.NextReviewAsync(reviewer);
        review["shape"]!.GetValue<string>().ShouldBe("DELETE FROM things WHERE id = ?");
        review["maxWindow"]!.GetValue<string>().ShouldBe("1h");
        var (status, approved) = await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{review["id"]}/approve", new JsonObject { ["window"] = "30m" });
        status.ShouldBe(200, approved?.ToJsonString());
        approved!["windowUntil"].ShouldNotBeNull();
        (await Task.WhenAll(asked)).ShouldAllBe(rows => rows == 1);

        for (var i = 0; i < 4; i++)
        {
            (await DeleteAsync(pool[i], 100 + i)).ShouldBe(1);
        }

        await agent.RestartAsync();
        await using var again = await agent.OpenAsync();
        (await DeleteAsync(again, 200)).ShouldBe(1);

        // Recorded with the review: those that passed under the window, and the one that opened it.
        await Eventually.HoldsAsync(
            async () => (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Get, $"/api/v1/reviews/{review["id"]}/uses")).Body!["items"]!.AsArray().Count == 6,
            TimeSpan.FromSeconds(60),
            "six statements are listed under the review",
            Cancellation);

        (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{review["id"]}/withdraw")).Status.ShouldBe(200);

        // The agent hears of it a moment later; from then on statements are held.
        var held = DeleteAsync(again, 300);
        var opened = agent.NextReviewAsync(reviewer);
        for (var id = 301; await Task.WhenAny(held, opened) == held; id++)
        {
            held = DeleteAsync(again, id);
        }

        var another = await opened;
        held.IsCompleted.ShouldBeFalse();
        await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{another["id"]}/reject", new JsonObject { ["comment"] = "enough" });
        (await Should.ThrowAsync<PostgresException>(() => held)).MessageText.ShouldContain("enough");
        foreach (var connection in pool)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_approval_without_a_window_is_used_once()
    {
        await using var agent = await AgentFixture.StartAsync(server);
        using var reviewer = server.Client(server.Tokens["dba@weir.example"]);
        await using var connection = await agent.OpenAsync();
        var asked = DeleteAsync(connection, 1);
        var review = await agent.NextReviewAsync(reviewer);
        (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{review["id"]}/approve", new JsonObject())).Status.ShouldBe(200);
        (await asked).ShouldBe(1);
        var again = DeleteAsync(connection, 1);
        var second = await agent.NextReviewAsync(reviewer);
        second["id"]!.ToString().ShouldNotBe(review["id"]!.ToString());
        await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{second["id"]}/reject", new JsonObject());
        await Should.ThrowAsync<PostgresException>(() => again);
        (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{review["id"]}/approve", new JsonObject { ["window"] = "2h" })).Status.ShouldBe(409);
    }

    private static async Task<int> DeleteAsync(NpgsqlConnection connection, int id)
    {
        await using var command = new NpgsqlCommand($"DELETE FROM things WHERE id = {id}", connection);
        return await command.ExecuteNonQueryAsync(Cancellation);
    }
}
