using System.Globalization;
using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Statements of megabytes, as dumps with --inserts and ORMs send them.</summary>
public sealed class LongStatementTests(SampleServer server)
{
    private const int Rows = 60_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Megabytes_of_values_arrive_whole(bool isExtended)
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Sample("admin"));
        await using var client = await host.OpenRawAsync();
        await client.Query("CREATE TEMP TABLE loaded (id int, ssn text, n numeric)").RoundTripAsync();
        var sql = "INSERT INTO loaded VALUES " + string.Join(", ", Enumerable.Range(1, Rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"({i}, 'secret-{i} {new string('x', 100)}', -{i}.25)")));
        sql.Length.ShouldBeGreaterThan(7 * 1024 * 1024);

        var answer = await (isExtended ? client.Parse("", sql).Bind("", "").Execute().Sync() : client.Query(sql)).RoundTripAsync();

        answer.Texts().ShouldContain($"C:INSERT 0 {Rows}", string.Join(" ", answer.Texts()));
        (await client.Query("SELECT count(*), min(id), max(id), sum(n) FROM loaded").RoundTripAsync()).Texts()[1].ShouldBe(string.Create(CultureInfo.InvariantCulture, $"D:{Rows},1,{Rows},{-(Rows * (Rows + 1L) / 2) - (Rows / 4)}.00"));
        // Which of so many constants belongs to a masked column is not looked at: none is recorded.
        (await host.StatementsAsync()).ShouldAllBe(s => !s.Statement.Text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_with_the_limit()
    {
        await using var host = await SessionHost.StartAsync(server);
        await using var client = await host.OpenRawAsync();

        var error = (await client.Query("SELECT " + string.Join(",", Enumerable.Range(1, 500_000))).RoundTripAsync()).Error().Diagnostic;

        error.SqlState.ShouldBe("42501");
        error.Message.ShouldContain("16 MiB");
    }
}
