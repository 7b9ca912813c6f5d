using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

public sealed class ReviewTests(SampleServer server) : IAsyncLifetime
{
    private const string Everything = "UPDATE orders SET note = note";

    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, TestPolicy.Sample().ReviewUnboundedWrites());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_held_statement_says_so_at_once_and_is_answered_when_it_is_approved()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query(Everything).SendAsync();
        var notice = await client.ReceiveAsync();
        var request = await _host.Link.NextReviewAsync();
        var id = ContractMapping.ToGuid(request.ReviewId, "review_id");
        notice.ToString().ShouldBe($"N:weir: held for review {id}");
        Weir.Protocol.Postgres.Backend.NoticeResponse.Read(notice.Body).ToDiagnostic().Hint!.ShouldEndWith($" https://weir.example.com/reviews/{id}");
        request.Text.ShouldBe(Everything);
        request.Reasons.ShouldHaveSingleItem().Rule.ShouldBe("unbounded-writes");
        _host.Decide(request, ReviewStatus.Approved);
        var messages = (await client.UntilReadyAsync()).Texts();
        messages[0].ShouldStartWith("C:UPDATE ");
        messages[^1].ShouldBe("Z:I");
        var statement = (await _host.StatementsAsync()).ShouldHaveSingleItem();
        statement.Statement.Decision.ShouldBe("review");
        statement.Finished.Status.ShouldBe("ok");
        _host.Events().Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Review).Select(e => e.Review.Status).ShouldBe(["opened", "approved", "consumed"]);
    }

    [Fact]
    public async Task A_rejected_statement_fails_with_the_reviewers_comment()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        await client.Query(Everything).SendAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Rejected, "not on a Friday");
        var messages = await client.UntilReadyAsync();
        messages.Texts()[1..].ShouldBe(["E:42501", "Z:E"]);
        messages.Error().Diagnostic.Message.ShouldContain("not on a Friday");
        (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
        (await _host.StatementsAsync())[1].Finished.Status.ShouldBe("rejected");
    }

    [Fact]
    public async Task An_expired_review_ends_the_wait_with_57014()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query(Everything).SendAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Expired);
        (await client.UntilReadyAsync()).Texts()[1..].ShouldBe(["E:57014", "Z:I"]);
    }

    [Fact]
    public async Task A_cancel_ends_the_wait_and_the_session_goes_on()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query(Everything).SendAsync();
        await _host.Link.NextReviewAsync();
        await client.CancelAsync();
        (await client.UntilReadyAsync()).Texts()[1..].ShouldBe(["E:57014", "Z:I"]);
        await _host.Link.NextAsync(AgentMessage.BodyOneofCase.ReviewAbandoned);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task An_approval_that_came_after_the_cancel_lets_the_same_statement_pass_once()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query(Everything).SendAsync();
        var request = await _host.Link.NextReviewAsync();
        await client.CancelAsync();
        await client.UntilReadyAsync();
        _host.Decide(request, ReviewStatus.Approved);
        (await client.Query(Everything).RoundTripAsync()).Texts()[^2].ShouldStartWith("C:UPDATE");
        await client.Query(Everything).SendAsync();
        (await _host.Link.NextReviewAsync()).ReviewId.ShouldNotBe(request.ReviewId);
    }

    [Fact]
    public async Task A_client_that_goes_away_while_held_leaves_nothing_behind()
    {
        var client = await _host.OpenRawAsync();
        await client.Query(Everything).SendAsync();
        var request = await _host.Link.NextReviewAsync();
        await client.DisposeAsync();
        (await _host.Link.NextAsync(AgentMessage.BodyOneofCase.ReviewAbandoned)).ReviewAbandoned.ReviewId.ShouldBe(request.ReviewId);
        await _host.NoSessionsAsync();
        (await _host.StatementsAsync()).ShouldHaveSingleItem().Finished.Status.ShouldBe("lost");
    }

    [Fact]
    public async Task What_is_pipelined_behind_a_held_statement_waits_and_keeps_its_order()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("SELECT 1").Query(Everything).Query("SELECT 2").SendAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Approved);
        // The notice comes at once, perhaps before the answer in front of it.
        var messages = (await client.UntilReadyAsync(3)).Texts().Where(t => t[0] != 'N').ToArray();
        messages[..4].ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        messages[4].ShouldStartWith("C:UPDATE");
        messages[5..].ShouldBe(["Z:I", "T", "D:2", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task The_extended_protocol_holds_at_Bind_and_goes_on_after_the_approval()
    {
        await using var connection = await _host.OpenAsync();
        var notices = new List<string>();
        connection.Notice += (_, e) => notices.Add(e.Notice.MessageText);
        await using var command = new NpgsqlCommand("UPDATE orders SET note = $1", connection) { Parameters = { new() { Value = "held once" } } };
        var running = command.ExecuteNonQueryAsync(Cancel);
        var request = await _host.Link.NextReviewAsync();
        request.Parameters.ShouldBe(["held once"]);
        running.IsCompleted.ShouldBeFalse();
        _host.Decide(request, ReviewStatus.Approved);
        (await running).ShouldBeGreaterThan(100);
        notices.ShouldHaveSingleItem().ShouldStartWith("weir: held for review");
    }

    [Fact]
    public async Task A_policy_that_denies_in_the_meantime_beats_the_approval()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query(Everything).SendAsync();
        var request = await _host.Link.NextReviewAsync();
        _host.Use(TestPolicy.Sample().Add("Guardrail", "freeze", """{"when":{"effects":["update"]},"action":"deny","message":"Frozen."}"""));
        _host.Decide(request, ReviewStatus.Approved);
        var messages = await client.UntilReadyAsync();
        messages.Error().Diagnostic.ConstraintName.ShouldBe("freeze");
        (await _host.Link.NextAsync(AgentMessage.BodyOneofCase.ReviewConsumed)).ReviewConsumed.Forwarded.ShouldBeFalse();
    }

    [Fact]
    public async Task Psql_cancels_a_held_statement_with_an_interrupt()
    {
        await using var psql = new PsqlClient().Start(_host.Url, "--command", Everything);
        await _host.Link.NextReviewAsync();
        await psql.WaitForLineAsync(l => l.Contains("held for review", StringComparison.Ordinal), TimeSpan.FromSeconds(20), Cancel);
        await psql.SignalAsync("INT", Cancel);
        await psql.WaitForLineAsync(l => l.Contains("57014", StringComparison.Ordinal), TimeSpan.FromSeconds(20), Cancel);
    }
}
