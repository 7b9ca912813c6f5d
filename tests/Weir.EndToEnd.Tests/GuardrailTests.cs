using Npgsql;
using Weir.EndToEnd.Tests.Support;

namespace Weir.EndToEnd.Tests;

/// <summary>Refused, held, approved, rejected, cancelled; and rules that change under an open session.</summary>
public sealed class GuardrailTests(Quickstart weir)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_statement_names_the_guardrail_and_the_session_goes_on()
    {
        var result = await weir.Psql.ScriptAsync(weir.DirectUrl, "DROP TABLE orders;\nSELECT 'goes on' AS state;", Cancellation);

        result.StandardError.ShouldContain("42501");
        result.StandardError.ShouldContain("weir: denied by guardrail \"no-destructive-ddl\":");
        result.StandardError.ShouldContain("HINT:");
        result.StandardOutput.ShouldContain("goes on");
        (await weir.UpstreamAsync<bool>("SELECT to_regclass('public.orders') IS NOT NULL")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_driver_finds_the_guardrail_in_the_constraint_name()
    {
        await using var connection = await Quickstart.OpenAsync(weir.RelayUrl);
        await using var command = new NpgsqlCommand("TRUNCATE payments", connection);
        var refusal = await Should.ThrowAsync<PostgresException>(command.ExecuteNonQueryAsync(Cancellation));

        refusal.SqlState.ShouldBe("42501");
        refusal.ConstraintName.ShouldBe("no-destructive-ddl");
        refusal.Hint.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("relay")]
    public async Task A_held_statement_goes_through_once_approved(string road)
    {
        var marker = $"note-{Guid.NewGuid():N}";
        await using var psql = weir.Psql.Start(
            road == "direct" ? weir.DirectUrl : weir.RelayUrl, "--command", $"BEGIN; UPDATE orders SET status = status || '{marker}'; ROLLBACK");
        var notice = await psql.WaitForLineAsync(line => line.Contains("NOTICE", StringComparison.Ordinal), TimeSpan.FromSeconds(20), Cancellation);
        var review = await weir.OpenReviewAsync(marker);
        var id = review["id"]!.GetValue<string>();

        notice.ShouldContain(id);
        psql.HasExited.ShouldBeFalse();
        await weir.WeirAsync("WEIR_REVIEWER_TOKEN", "reviews", "approve", id);
        (await psql.WaitForExitAsync(TimeSpan.FromSeconds(60), Cancellation)).ShouldBe(0, psql.Output);
    }

    [Fact]
    public async Task A_rejected_statement_is_refused_with_the_reviewers_comment()
    {
        var marker = $"note-{Guid.NewGuid():N}";
        await using var psql = weir.Psql.Start(weir.DirectUrl, "--command", $"UPDATE orders SET status = '{marker}'");
        var review = await weir.OpenReviewAsync(marker);
        await weir.WeirAsync("WEIR_REVIEWER_TOKEN", "reviews", "reject", review["id"]!.GetValue<string>(), "--comment", "not on a Friday");
        await psql.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);

        psql.Output.ShouldContain("42501");
        psql.Output.ShouldContain("not on a Friday");
        (await weir.UpstreamAsync<long>($"SELECT count(*) FROM orders WHERE status = '{marker}'")).ShouldBe(0);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_and_the_review_stays_open_unwaited_for()
    {
        var marker = $"note-{Guid.NewGuid():N}";
        await using var psql = weir.Psql.Start(weir.DirectUrl, "--command", $"UPDATE orders SET status = '{marker}'");
        var review = await weir.OpenReviewAsync(marker);
        await psql.SignalAsync("INT", Cancellation);
        await psql.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);

        psql.Output.ShouldContain("57014");
        var after = await weir.OpenReviewAsync(marker);
        after["id"]!.GetValue<string>().ShouldBe(review["id"]!.GetValue<string>());
        await weir.WeirAsync("WEIR_DEVELOPER_TOKEN", "reviews", "withdraw", review["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task Nobody_approves_a_statement_of_their_own()
    {
        var marker = $"note-{Guid.NewGuid():N}";
        await using var psql = weir.Psql.Start(weir.DirectUrl, "--command", $"UPDATE orders SET status = '{marker}'");
        var review = await weir.OpenReviewAsync(marker);
        var attempt = await weir.TryWeirAsync("WEIR_DEVELOPER_TOKEN", "reviews", "approve", review["id"]!.GetValue<string>());

        attempt.ExitCode.ShouldBe(1);
        psql.HasExited.ShouldBeFalse();
        await weir.WeirAsync("WEIR_DEVELOPER_TOKEN", "reviews", "withdraw", review["id"]!.GetValue<string>());
        await psql.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Fact]
    public async Task A_changed_guardrail_holds_from_the_next_statement_of_an_open_session()
    {
        await using var connection = await Quickstart.OpenAsync(weir.DirectUrl);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM payments", connection);
        (await command.ExecuteScalarAsync(Cancellation)).ShouldBeOfType<long>();
        var file = Path.Combine(weir.State, "no-payments.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            apiVersion: weir/v1
            kind: Guardrail
            metadata: { name: no-payments }
            spec:
              when: { effects: [read], relations: ["public.payments"] }
              action: deny
              message: "Payments are closed for the audit."
            """,
            Cancellation);
        await weir.WeirAsync("WEIR_ADMIN_TOKEN", "apply", "-f", file);
        try
        {
            var refusal = await Weir.Testing.Eventually.GetAsync(
                async () =>
                {
                    try
                    {
                        await command.ExecuteScalarAsync(Cancellation);
                        return null;
                    }
                    catch (PostgresException refused)
                    {
                        return refused;
                    }
                },
                TimeSpan.FromSeconds(10),
                "the open session obeys the new guardrail",
                Cancellation);
            refusal.MessageText.ShouldBe("weir: denied by guardrail \"no-payments\": Payments are closed for the audit.");
        }
        finally
        {
            await weir.WeirAsync("WEIR_ADMIN_TOKEN", "delete", "guardrail", "no-payments");
        }
    }

    [Fact]
    public async Task A_document_with_an_unknown_key_changes_nothing_and_is_named()
    {
        var file = Path.Combine(weir.State, "broken.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            apiVersion: weir/v1
            kind: Guardrail
            metadata: { name: fine }
            spec: { when: { effects: [drop] }, action: deny }
            ---
            apiVersion: weir/v1
            kind: Guardrail
            metadata: { name: broken }
            spec: { when: { effects: [dorp] }, action: deny, colour: red }
            """,
            Cancellation);
        var attempt = await weir.TryWeirAsync("WEIR_ADMIN_TOKEN", "apply", "-f", file);

        attempt.ExitCode.ShouldBe(1);
        attempt.StandardError.ShouldContain("dorp");
        attempt.StandardError.ShouldContain("colour");
        (await weir.TryWeirAsync("WEIR_ADMIN_TOKEN", "get", "guardrail", "fine")).ExitCode.ShouldBe(1);
    }
}
