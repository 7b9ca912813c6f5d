using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Texts that differ in constants only share a verdict; everything else about them is their own.</summary>
public sealed class ShapeTests(SampleServer server) : IAsyncLifetime
{
    private SessionHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, TestPolicy.Sample().ReviewUnboundedWrites());

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Each_text_is_recorded_as_it_is_and_masked_like_the_first()
    {
        await using var client = await _host.OpenRawAsync();
        for (var i = 1; i <= 3; i++)
        {
            var texts = (await client.Query($"SELECT id, ssn FROM customers WHERE id = {i}").RoundTripAsync()).Texts();
            texts[1].ShouldBe($"D:{i},*****");
        }

        (await _host.StatementsAsync()).Select(s => s.Statement.Text).ShouldBe(Enumerable.Range(1, 3).Select(i => $"SELECT id, ssn FROM customers WHERE id = {i}"));
    }

    [Fact]
    public async Task A_constant_that_makes_a_condition_true_is_not_taken_for_another()
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query("UPDATE orders SET note = note WHERE 1 = 2").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 0", "Z:I"]);
        await client.Query("UPDATE orders SET note = note WHERE 1 = 1").SendAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Rejected);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["E:42501", "Z:I"]);
    }

    [Fact]
    public async Task A_constant_compared_with_a_masked_column_is_recorded_masked_each_time()
    {
        await using var client = await _host.OpenRawAsync();
        foreach (var ssn in new[] { "111-11-1111", "222-22-2222" })
            await client.Query($"SELECT id FROM customers WHERE ssn = '{ssn}'").RoundTripAsync();
        foreach (var (statement, _) in await _host.StatementsAsync())
        {
            statement.Text.ShouldContain("'***'");
            statement.Text.ShouldNotContain("-");
        }
    }

    [Fact]
    public async Task A_rule_about_the_text_sees_every_text()
    {
        _host.Use(TestPolicy.Open().Add("Guardrail", "thirteen", """{"when":{"statementPattern":"= 13$"},"action":"deny","message":"Unlucky."}"""));
        await using var client = await _host.OpenRawAsync();
        (await client.Query("SELECT 1 FROM orders WHERE id = 12").RoundTripAsync()).Texts()[^2].ShouldBe("C:SELECT 1");
        (await client.Query("SELECT 1 FROM orders WHERE id = 13").RoundTripAsync()).Texts().ShouldBe(["E:42501", "Z:I"]);
    }
}
