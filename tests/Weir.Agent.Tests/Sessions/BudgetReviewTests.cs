using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Budgets with <c>onExceed: review</c>: rolled back, and offered with the true count.</summary>
public sealed class BudgetReviewTests(SampleServer server) : IAsyncLifetime
{
    private readonly BudgetedTable _budgeted = new(server, "offered");
    private SessionHost _host = null!;

    private string Table => _budgeted.Name;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SessionHost.StartAsync(server, WithReview("""{"rowsChanged":10,"per":"transaction","onExceed":"review"}"""));
        await _budgeted.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _budgeted.DropAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_statement_passes_once_when_it_is_approved(bool isExtended)
    {
        await using var client = await _host.OpenRawAsync();
        async Task<RawMessage[]> RunAsync(string below, string portal)
        {
            var messages = isExtended
                ? await client.Parse("", $"UPDATE {Table} SET n = 1 WHERE id <= $1").Bind(portal, "", below).Execute(portal).Sync().RoundTripAsync()
                : await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= {below}").RoundTripAsync();
            return [.. messages.Where(m => m.Type is not (BackendMessageType.ParseComplete or BackendMessageType.BindComplete))];
        }

        var refused = await RunAsync("50", "");
        refused.Texts().ShouldBe(["E:54000", "Z:I"]);
        var request = await _host.Link.NextReviewAsync();
        await _host.Link.NextAsync(AgentMessage.BodyOneofCase.ReviewAbandoned);
        var id = ContractMapping.ToGuid(request.ReviewId, "id").ToString();
        var error = refused.Error().Diagnostic;
        error.Message.ShouldContain("50 rows changed in this transaction; the limit is 10");
        error.Detail.ShouldBe($"What it came to: public.{Table} 50");
        error.Hint!.ShouldContain($"Review {id} was opened: send the same statement again when it is approved");
        error.ConstraintName.ShouldBe("blast-radius");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 50 });
        request.Reasons[0].Source.ShouldBe("budget");
        request.Reviewers.ShouldBe(["dba"]);

        var again = await RunAsync("50", "");
        again.Texts().ShouldBe(["E:54000", "Z:I"]);
        again.Error().Diagnostic.Hint!.ShouldContain($"Review {id} is still open");
        (await ChangedAsync()).ShouldBe("0");

        _host.Decide(request, ReviewStatus.Approved, rows: 50);
        (await RunAsync("49", "")).Texts().ShouldBe(["E:54000", "Z:I"]);
        (await RunAsync("50", isExtended ? "p" : "")).Texts().ShouldBe(["C:UPDATE 50", "Z:I"]);
        (await ChangedAsync()).ShouldBe("50");
        (await _host.Link.NextAsync(AgentMessage.BodyOneofCase.ReviewConsumed)).ReviewConsumed.ShouldBe(new ReviewConsumed { ReviewId = request.ReviewId, Forwarded = true });
        (await RunAsync("50", "")).Texts().ShouldBe(["E:54000", "Z:I"]);
    }

    [Fact]
    public async Task Rows_of_cascades_are_toldTable_byTable()
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query($"DELETE FROM {Table} WHERE id = 1").RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
        var request = await _host.Link.NextReviewAsync();
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 1, [$"public.{Table}_children"] = 20 }, ignoreOrder: true);
    }

    [Fact]
    public async Task What_has_grown_since_it_was_shown_is_undone_and_offered_anew()
    {
        await using var client = await _host.OpenRawAsync();
        var sql = $"UPDATE {Table} SET n = 1 WHERE id > 50";
        await client.Query(sql).RoundTripAsync();
        var shown = await _host.Link.NextReviewAsync();
        await server.ExecuteAsync($"INSERT INTO {Table} VALUES (101, 0)");
        _host.Decide(shown, ReviewStatus.Approved, rows: 50);
        var refused = await client.Query(sql).RoundTripAsync();
        refused.Texts().ShouldBe(["E:54000", "Z:I"]);
        var larger = await _host.Link.NextReviewAsync();
        larger.ReviewId.ShouldNotBe(shown.ReviewId);
        larger.Effect.RowsChanged.Values.Sum().ShouldBe(51);
        refused.Error().Diagnostic.Hint!.ShouldContain(ContractMapping.ToGuid(larger.ReviewId, "id").ToString());
        (await ChangedAsync()).ShouldBe("0");
        _host.Decide(larger, ReviewStatus.Approved, rows: 51);
        (await client.Query(sql).RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 51", "Z:I"]);
    }

    [Fact]
    public async Task Inside_a_transaction_the_whole_of_it_is_rolled_back_and_passes_when_it_is_sent_again()
    {
        await using var client = await _host.OpenRawAsync();
        var sql = $"DELETE FROM {Table} WHERE id > 80";
        async Task<string[]> RunAsync()
        {
            await client.Query("BEGIN").RoundTripAsync();
            (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 5").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 5", "Z:T"]);
            var texts = (await client.Query(sql).RoundTripAsync()).Texts();
            await client.Query("COMMIT").RoundTripAsync();
            return texts;
        }

        (await RunAsync()).ShouldBe(["E:54000", "Z:E"]);
        var request = await _host.Link.NextReviewAsync();
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 20 });
        (await ChangedAsync()).ShouldBe("0");
        _host.Decide(request, ReviewStatus.Approved, rows: 20);
        (await RunAsync()).ShouldBe(["C:DELETE 20", "Z:T"]);
        (await server.AskAsync($"SELECT count(*) || ' ' || sum(n) FROM {Table}")).ShouldBe("80 5");
    }

    [Fact]
    public async Task Statements_of_one_text_are_reviewed_one_after_the_other_and_what_was_approved_stays_so_until_all_pass()
    {
        _host.Use(WithReview("""{"rowsChanged":10,"per":"statement","onExceed":"review"}"""));
        await using var client = await _host.OpenRawAsync();
        var text = $"UPDATE {Table} SET n = 1 WHERE id <= 50; UPDATE {Table} SET n = 1 WHERE id = 60; UPDATE {Table} SET n = 1 WHERE id > 80";
        var refused = await client.Query(text).RoundTripAsync();
        refused.Texts().ShouldBe(["E:54000", "Z:I"]);
        refused.Error().Diagnostic.Message.ShouldContain("statement 1 of 3");
        var first = await _host.Link.NextReviewAsync();
        first.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 50 });
        first.Text.ShouldContain("id > 80");
        _host.Decide(first, ReviewStatus.Approved, rows: 50);

        (await client.Query(text).RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 50", "C:UPDATE 1", "E:54000", "Z:I"]);
        var third = await _host.Link.NextReviewAsync();
        third.Reasons[0].Message.ShouldContain("statement 3 of 3");
        third.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 20 });
        (await ChangedAsync()).ShouldBe("0");
        _host.Decide(third, ReviewStatus.Approved, rows: 20);

        (await client.Query(text).RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 50", "C:UPDATE 1", "C:UPDATE 20", "Z:I"]);
        (await ChangedAsync()).ShouldBe("71");
        foreach (var _ in (int[])[1, 2])
            (await _host.Link.NextAsync(AgentMessage.BodyOneofCase.ReviewConsumed)).ReviewConsumed.Forwarded.ShouldBeTrue();
        (await client.Query(text).RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
    }

    [Fact]
    public async Task What_was_approved_is_used_up_by_a_commit_in_the_text()
    {
        await using var client = await _host.OpenRawAsync();
        var text = $"BEGIN; UPDATE {Table} SET n = 1 WHERE id <= 50; COMMIT; SELECT 1/0";
        await client.Query(text).RoundTripAsync();
        await client.Query("ROLLBACK").RoundTripAsync();
        var request = await _host.Link.NextReviewAsync();
        _host.Decide(request, ReviewStatus.Approved, rows: 50);
        (await client.Query(text).RoundTripAsync()).Texts().ShouldBe(["C:BEGIN", "C:UPDATE 50", "C:COMMIT", "E:22012", "Z:I"]);
        (await client.Query(text).RoundTripAsync()).Texts().ShouldBe(["C:BEGIN", "E:54000", "Z:E"]);
    }

    [Fact]
    public async Task What_several_statements_of_a_text_return_is_not_reviewed_and_the_error_says_so()
    {
        _host.Use(WithReview("""{"rowsRead":10,"per":"statement","onExceed":"review"}"""));
        await using var client = await _host.OpenRawAsync();
        (await client.Query($"SELECT 1; SELECT id FROM {Table}").RoundTripAsync()).Error().Diagnostic.Hint!.ShouldContain("send this one alone");
    }

    [Fact]
    public async Task A_rejected_statement_stays_refused_and_is_offered_anew()
    {
        await using var client = await _host.OpenRawAsync();
        var sql = $"UPDATE {Table} SET n = 1";
        await client.Query(sql).RoundTripAsync();
        var request = await _host.Link.NextReviewAsync();
        _host.Decide(request, ReviewStatus.Rejected);
        (await client.Query(sql).RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
        (await _host.Link.NextReviewAsync()).ReviewId.ShouldNotBe(request.ReviewId);
        (await ChangedAsync()).ShouldBe("0");
    }

    [Fact]
    public async Task A_budget_that_nobody_may_waive_stands_beside_one_that_people_may()
    {
        _host.Use(WithReview("""{"rowsChanged":10,"per":"transaction","onExceed":"review"}""").Budget("hard-limit", """{"rowsChanged":60,"per":"statement"}"""));
        await using var client = await _host.OpenRawAsync();
        var error = (await client.Query($"UPDATE {Table} SET n = 1").RoundTripAsync()).Error().Diagnostic;
        error.ConstraintName.ShouldBe("hard-limit");
        error.Hint!.ShouldNotContain("Review");
        await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 50").RoundTripAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Approved, rows: 50);
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 50").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 50", "Z:I"]);
    }

    [Fact]
    public async Task Two_budgets_of_different_reviewers_need_an_approval_each()
    {
        _host.Use(WithReview("""{"rowsChanged":10,"per":"transaction","onExceed":"review"}""").Add(
            "Guardrail", "owners", """{"budget":{"rowsChanged":20,"per":"transaction","onExceed":"review"},"review":{"reviewers":["owners"],"approvals":1,"expiresAfter":"15m"}}"""));
        await using var client = await _host.OpenRawAsync();
        var sql = $"UPDATE {Table} SET n = 1";
        await client.Query(sql).RoundTripAsync();
        var first = await _host.Link.NextReviewAsync();
        first.Reviewers.ShouldBe(["dba"]);
        _host.Decide(first, ReviewStatus.Approved, rows: 100);
        (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.ConstraintName.ShouldBe("owners");
        var second = await _host.Link.NextReviewAsync();
        second.Reviewers.ShouldBe(["owners"]);
        _host.Decide(second, ReviewStatus.Approved, rows: 100);
        (await client.Query(sql).RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 100", "Z:I"]);
    }

    [Fact]
    public async Task Parameters_of_another_type_or_value_are_another_statement()
    {
        await using var connection = await _host.OpenAsync();
        async Task RunAsync(object value)
        {
            await using var command = new NpgsqlCommand($"UPDATE {Table} SET n = 1 WHERE id <= $1", connection) { Parameters = { new() { Value = value } } };
            await command.ExecuteNonQueryAsync(Cancel);
        }

        (await Should.ThrowAsync<PostgresException>(() => RunAsync(50))).SqlState.ShouldBe("54000");
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Approved, rows: 50);
        (await Should.ThrowAsync<PostgresException>(() => RunAsync(49))).SqlState.ShouldBe("54000");
        (await Should.ThrowAsync<PostgresException>(() => RunAsync(50L))).SqlState.ShouldBe("54000");
        await RunAsync(50);
        (await ChangedAsync()).ShouldBe("50");
    }

    [Theory]
    [InlineData("SELECT id FROM {0} ORDER BY id", false)]
    [InlineData("SELECT id FROM {0} ORDER BY id", true)]
    [InlineData("COPY {0} (id) TO STDOUT", false)]
    public async Task Rows_that_come_back_are_counted_to_their_end_and_pass_when_that_is_approved(string query, bool isExtended)
    {
        _host.Use(WithReview("""{"rowsRead":10,"per":"statement","onExceed":"review"}"""));
        await using var client = await _host.OpenRawAsync();
        var sql = string.Format(System.Globalization.CultureInfo.InvariantCulture, query, Table);
        async Task<RawMessage[]> RunAsync()
        {
            var messages = isExtended ? await client.Parse("", sql).Bind("", "").Execute("", 40).Sync().RoundTripAsync() : await client.Query(sql).RoundTripAsync();
            return [.. messages.Where(m => m.Type is not (BackendMessageType.ParseComplete or BackendMessageType.BindComplete))];
        }

        static int Rows(IEnumerable<RawMessage> messages) => messages.Count(m => m.Type is BackendMessageType.DataRow or BackendMessageType.CopyData);
        var refused = await RunAsync();
        Rows(refused).ShouldBe(10);
        refused.Error().Diagnostic.Message.ShouldContain("more than 10");
        var request = await _host.Link.NextReviewAsync();
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { ["(rows returned)"] = 100 });
        _host.Decide(request, ReviewStatus.Approved, rows: 100);
        var passed = await RunAsync();
        passed.Texts().ShouldNotContain("E:54000");
        Rows(passed).ShouldBe(isExtended ? 40 : 100);
        passed.Texts()[^2].ShouldBe(isExtended ? "s" : query.StartsWith("COPY", StringComparison.Ordinal) ? "C:COPY 100" : "C:SELECT 100");
        Rows(await RunAsync()).ShouldBe(10);
    }

    private static TestPolicy WithReview(string budget) =>
        TestPolicy.Open("admin").Add("Guardrail", "blast-radius", $$$"""{"budget":{{{budget}}},"review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m"}}""");

    private Task<string?> ChangedAsync() => server.AskAsync($"SELECT sum(n) FROM {Table}");
}
