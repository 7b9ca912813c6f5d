using Npgsql;
using Weir.EndToEnd.Tests.Support;

namespace Weir.EndToEnd.Tests;

/// <summary>A masked column never leaves unmasked, in text or binary, under whatever name.</summary>
public sealed class MaskingTests(Quickstart weir)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SELECT * FROM customers ORDER BY id LIMIT 20")]
    [InlineData("SELECT c.ssn AS harmless, c.credit_card AS also_harmless FROM customers AS c ORDER BY c.id LIMIT 20")]
    [InlineData("WITH x AS (SELECT id, ssn || '' AS a, upper(credit_card) AS b FROM customers) SELECT a, b FROM x ORDER BY id LIMIT 20")]
    [InlineData("SELECT to_jsonb(c) FROM customers c ORDER BY id LIMIT 20")]
    public async Task Psql_gets_masked_values(string sql)
    {
        var result = await weir.Psql.QueryAsync(weir.DirectUrl, [sql], Cancellation);
        var secrets = await SecretsAsync();

        result.EnsureSuccess();
        result.StandardOutput.Split('\n').Length.ShouldBeGreaterThan(20);
        foreach (var secret in secrets)
        {
            result.StandardOutput.ShouldNotContain(secret);
        }
    }

    [Fact]
    public async Task A_driver_that_reads_the_binary_format_gets_masked_values()
    {
        await using var connection = await Quickstart.OpenAsync(weir.DirectUrl);
        await using var command = new NpgsqlCommand("SELECT id, ssn, credit_card FROM customers WHERE id <= $1 ORDER BY id", connection) { Parameters = { new() { Value = 20 } } };
        await command.PrepareAsync(Cancellation);
        var secrets = await SecretsAsync();
        var rows = 0;
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            rows++;
            secrets.ShouldNotContain(reader.GetString(1));
            secrets.ShouldNotContain(reader.GetString(2));
        }

        rows.ShouldBe(20);
    }

    private async Task<string[]> SecretsAsync() =>
        (await weir.UpstreamAsync<string[]>("SELECT array_agg(ssn) || array_agg(credit_card) FROM (SELECT ssn::text, credit_card::text FROM customers ORDER BY id LIMIT 20) s"))!;
}
