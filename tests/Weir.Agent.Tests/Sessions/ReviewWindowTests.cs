using Google.Protobuf.WellKnownTypes;
using Npgsql;
using NpgsqlTypes;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using PrincipalKind = Weir.Contracts.Agent.V1.PrincipalKind;

namespace Weir.Agent.Tests.Sessions;

/// <summary>One approval of a shape, for a while.</summary>
public sealed class ReviewWindowTests(SampleServer server) : IAsyncLifetime
{
    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, ReviewedDeletes());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Every_statement_of_the_shape_passes_from_every_session_of_the_principal_and_is_recorded_with_the_review()
    {
        await using var first = await _host.OpenRawAsync();
        await first.Query("DELETE FROM orders WHERE id = -1 AND note = 'a'").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Shape.ShouldBe("DELETE FROM orders WHERE id = -? AND note = ?");
        request.MaxWindow.ToTimeSpan().ShouldBe(TimeSpan.FromHours(1));
        Approve(request);
        (await first.UntilReadyAsync()).Texts()[^2].ShouldBe("C:DELETE 0");

        await using var second = await _host.OpenRawAsync();
        foreach (var statement in new[] { "delete  from orders where id = -2 and note = 'b' -- again", "DELETE FROM orders WHERE id = -3 AND note = ''" })
        {
            (await first.Query(statement).RoundTripAsync()).Texts().ShouldBe(["C:DELETE 0", "Z:I"]);
            (await second.Query(statement).RoundTripAsync()).Texts().ShouldBe(["C:DELETE 0", "Z:I"]);
        }

        _host.Link.HasNothing.ShouldBeTrue();
        await _host.StatementsAsync();
        var used = _host.Events().Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Review && e.Review.Status == "consumed").ToList();
        used.Count.ShouldBe(5);
        used.ShouldAllBe(e => e.Review.ReviewId == request.ReviewId);
    }

    [Fact]
    public async Task Prepared_statements_pass_with_other_parameters_and_ask_with_other_types()
    {
        await using var connection = await _host.OpenAsync();
        var running = DeleteAsync(connection, -1, NpgsqlDbType.Integer);
        Approve(await _host.Link.NextReviewAsync());
        await running;
        await DeleteAsync(connection, -2, NpgsqlDbType.Integer);
        await DeleteAsync(connection, -3, NpgsqlDbType.Integer);
        _host.Link.HasNothing.ShouldBeTrue();
        running = DeleteAsync(connection, -4L, NpgsqlDbType.Bigint);
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Rejected);
        await Should.ThrowAsync<PostgresException>(() => running);
    }

    [Fact]
    public async Task Another_shape_principal_search_path_or_rule_asks_again()
    {
        _host.Give(_host.CredentialOf("cred_other", "other"));
        await using var client = await _host.OpenRawAsync();
        await client.Query("DELETE FROM orders WHERE id = -1").SendAsync();
        Approve(await _host.Link.NextReviewAsync());
        await client.UntilReadyAsync();

        await AsksAsync(client, "DELETE FROM orders WHERE id < -1");
        await AsksAsync(client, "DELETE FROM payments WHERE id = -1");
        await using var other = await _host.OpenRawAsync("cred_other", "other");
        await AsksAsync(other, "DELETE FROM orders WHERE id = -1");
        await client.Query("SET search_path = public, pg_temp").RoundTripAsync();
        await AsksAsync(client, "DELETE FROM orders WHERE id = -1");
        await client.Query("RESET search_path").RoundTripAsync();
        (await client.Query("DELETE FROM orders WHERE id = -9").RoundTripAsync()).Texts().ShouldBe(["C:DELETE 0", "Z:I"]);
        _host.Use(ReviewedDeletes("another reason"));
        await AsksAsync(client, "DELETE FROM orders WHERE id = -1");
    }

    [Fact]
    public async Task A_withdrawn_window_holds_the_next_statement()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("DELETE FROM orders WHERE id = -1").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        Approve(request);
        await client.UntilReadyAsync();
        _host.Decide(request, ReviewStatus.Withdrawn);
        await AsksAsync(client, "DELETE FROM orders WHERE id = -2");
    }

    [Theory]
    [InlineData("DELETE FROM orders WHERE true")]
    [InlineData("DELETE FROM orders WHERE 1 = 1")]
    [InlineData("DELETE FROM orders WHERE id <= 3")]
    [InlineData("DELETE FROM orders; DELETE FROM payments")]
    [InlineData("DELETE FROM orders WHERE ssn_of(id) = '1'")]
    public async Task What_is_judged_by_its_values_or_holds_several_statements_has_no_shape(string statement)
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query(statement).SendAsync();
        Shapeless(await _host.Link.NextReviewAsync());
        await client.CancelAsync();
    }

    [Theory]
    [InlineData("""{"when":{"statementPattern":"delete"},"action":"review","review":{"reviewers":["dba"]}}""")]
    [InlineData("""{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"],"window":"none"}}""")]
    public async Task A_rule_on_the_text_or_one_that_allows_no_window_offers_none(string rule)
    {
        _host.Use(TestPolicy.Sample().Add("Guardrail", "deletes", rule));
        await using var client = await _host.OpenRawAsync();
        await client.Query("delete FROM orders WHERE id = -1").SendAsync();
        Shapeless(await _host.Link.NextReviewAsync());
        await client.CancelAsync();
    }

    [Fact]
    public async Task Values_that_are_compared_with_masked_ones_are_seen_one_by_one()
    {
        _host.Use(TestPolicy.Sample().Add("Guardrail", "updates", """{"when":{"effects":["update"]},"action":"review","review":{"reviewers":["dba"]}}"""));
        await using var connection = await _host.OpenAsync();
        await using var command = new NpgsqlCommand("UPDATE customers SET phone = phone WHERE ssn = $1", connection) { Parameters = { new() { Value = "1" } } };
        var running = command.ExecuteNonQueryAsync(Cancel);
        var request = await _host.Link.NextReviewAsync();
        Shapeless(request);
        _host.Decide(request, ReviewStatus.Rejected);
        await Should.ThrowAsync<PostgresException>(() => running);
    }

    [Fact]
    public async Task A_model_gets_a_window_only_where_the_rule_says_so()
    {
        _host.Give(_host.CredentialOf("cred_model", "model", kind: PrincipalKind.AiAgent));
        await using (var client = await _host.OpenRawAsync("cred_model", "model"))
        {
            await client.Query("DELETE FROM orders WHERE id = -1").SendAsync();
            Shapeless(await _host.Link.NextReviewAsync());
        }

        _host.Use(ReviewedDeletes(window: "10m"));
        await using var again = await _host.OpenRawAsync("cred_model", "model");
        await again.Query("DELETE FROM orders WHERE id = -2").SendAsync();
        (await _host.Link.NextReviewAsync()).MaxWindow.ToTimeSpan().ShouldBe(TimeSpan.FromMinutes(10));
        await again.CancelAsync();
    }

    [Fact]
    public async Task A_window_waives_no_budget_but_for_the_statement_that_people_were_shown()
    {
        _host.Use(ReviewedDeletes().Budget("few", """{"rowsChanged":1,"per":"statement","onExceed":"rollback"}"""));
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        await client.Query("DELETE FROM payments WHERE id IN (1, 2, 3)").SendAsync();
        Approve(await _host.Link.NextReviewAsync(), rows: 100);
        (await client.UntilReadyAsync()).Texts()[^2].ShouldStartWith("C:DELETE");
        await client.Query("ROLLBACK").RoundTripAsync();
        (await client.Query("DELETE FROM payments WHERE id IN (1, 2, 4)").RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("54000");
        (await client.Query("DELETE FROM payments WHERE id IN (1, 2, 3)").RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("54000");
        _host.Link.HasNothing.ShouldBeTrue();
    }

    private static TestPolicy ReviewedDeletes(string message = "Somebody has to look.", string? window = null) => TestPolicy.Sample().Add(
        "Guardrail",
        "deletes",
        $$$"""{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"]{{{(window is null ? "" : $",\"window\":\"{window}\"")}}}},"message":"{{{message}}}"}""");

    private static void Shapeless(ReviewRequest request)
    {
        request.ShapeBinding.IsEmpty.ShouldBeTrue();
        request.MaxWindow.ShouldBeNull();
        request.Shape.ShouldBeEmpty();
    }

    private static async Task DeleteAsync(NpgsqlConnection connection, object id, NpgsqlDbType type)
    {
        await using var command = new NpgsqlCommand("DELETE FROM orders WHERE id = $1", connection) { Parameters = { new() { Value = id, NpgsqlDbType = type } } };
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task AsksAsync(RawClient client, string statement)
    {
        await client.Query(statement).SendAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Rejected);
        (await client.UntilReadyAsync()).Texts()[^2].ShouldBe("E:42501");
    }

    private void Approve(ReviewRequest request, long? rows = null)
    {
        var until = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(10));
        var update = new ReviewUpdate
        {
            ReviewId = request.ReviewId,
            Status = ReviewStatus.Approved,
            DecidedBy = "grace",
            Binding = request.Binding,
            ShapeBinding = request.ShapeBinding,
            ExpiresAt = until,
            WindowUntil = until,
        };
        request.ShapeBinding.Length.ShouldBe(32);
        if (rows is { } count)
            update.ApprovedRows = count;
        _host.Reviews.OnUpdates([update]);
    }
}
