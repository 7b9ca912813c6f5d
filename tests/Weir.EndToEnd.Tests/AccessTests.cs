using System.Text.Json.Nodes;
using Npgsql;
using Weir.EndToEnd.Tests.Support;

namespace Weir.EndToEnd.Tests;

/// <summary>Just-in-time access: asked for, granted, used, ended.</summary>
public sealed class AccessTests(Quickstart weir)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_granted_request_gives_a_credential_that_works_and_ends_with_the_grant()
    {
        (await weir.TryWeirAsync("WEIR_SUPPORT_TOKEN", "requests", "create", "--connection", "orders", "--access", "read", "--duration", "1h"))
            .ExitCode.ShouldBe(1, "a reason is required");
        var request = await weir.WeirJsonAsync(
            "WEIR_SUPPORT_TOKEN", "requests", "create", "--connection", "orders", "--access", "read", "--duration", "1h", "--reason", "ticket 4711");
        var id = request["id"]!.GetValue<string>();
        (await weir.TryWeirAsync("WEIR_SUPPORT_TOKEN", "requests", "approve", id)).ExitCode.ShouldBe(1, "nobody approves a request of their own");
        await weir.WeirAsync("WEIR_REVIEWER_TOKEN", "requests", "approve", id);

        var credential = await weir.WeirJsonAsync("WEIR_SUPPORT_TOKEN", "credentials", "issue", "--connection", "orders");
        var url = credential["directUrl"]!.GetValue<string>();
        await using var session = await Quickstart.OpenAsync(url);
        await using var read = new NpgsqlCommand("SELECT count(*) FROM orders", session);
        (await read.ExecuteScalarAsync(Cancellation)).ShouldBeOfType<long>();
        await using var write = new NpgsqlCommand("DELETE FROM orders WHERE id = -1", session);
        var refusal = await Should.ThrowAsync<PostgresException>(write.ExecuteNonQueryAsync(Cancellation));
        refusal.SqlState.ShouldBe("42501");
        refusal.MessageText.ShouldStartWith("weir: denied by access level \"read\":");

        var grants = (await weir.WeirJsonAsync("WEIR_ADMIN_TOKEN", "grants", "list")).AsArray();
        var grant = grants.First(g => g!["principal"]!.ToString().Contains("support@weir.example", StringComparison.Ordinal))!;
        await weir.WeirAsync("WEIR_ADMIN_TOKEN", "grants", "revoke", grant["id"]!.GetValue<string>());

        (await EndOfAsync(session)).ShouldBe("57P01");
        (await Should.ThrowAsync<PostgresException>(Quickstart.OpenAsync(url))).SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task A_revoked_credential_ends_its_sessions_and_logs_in_no_more()
    {
        var credential = await weir.WeirJsonAsync("WEIR_DEVELOPER_TOKEN", "credentials", "issue", "--connection", "orders", "--ttl", "10m");
        var url = credential["relayUrl"]!.GetValue<string>();
        await using var session = await Quickstart.OpenAsync(url);
        await weir.WeirAsync("WEIR_DEVELOPER_TOKEN", "credentials", "revoke", credential["id"]!.GetValue<string>());

        (await EndOfAsync(session)).ShouldBe("57P01");
        (await Should.ThrowAsync<PostgresException>(Quickstart.OpenAsync(url))).SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task An_ai_agent_reads_and_does_not_write()
    {
        await using var session = await Quickstart.OpenAsync(weir.Settings["WEIR_AI_URL"]);
        await using var read = new NpgsqlCommand("SELECT count(*) FROM orders", session);
        (await read.ExecuteScalarAsync(Cancellation)).ShouldBeOfType<long>();
        await using var write = new NpgsqlCommand("UPDATE orders SET status = status WHERE id = 1", session);
        (await Should.ThrowAsync<PostgresException>(write.ExecuteNonQueryAsync(Cancellation))).SqlState.ShouldBe("42501");
    }

    /// <summary>The SQLSTATE with which the server ends an open, idle session: the next statement meets it.</summary>
    private static async Task<string> EndOfAsync(NpgsqlConnection session)
    {
        PostgresException? end = null;
        await Weir.Testing.Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    await using var command = new NpgsqlCommand("SELECT 1", session);
                    await command.ExecuteScalarAsync(Cancellation);
                    return false;
                }
                catch (PostgresException fault)
                {
                    end = fault;
                    return true;
                }
            },
            TimeSpan.FromSeconds(5),
            "the session ends",
            Cancellation);
        return end!.SqlState;
    }
}
