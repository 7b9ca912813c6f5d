using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Agent.Upstream;

namespace Weir.Agent.Catalog;

/// <summary>
/// Rows that the planner expects a statement to touch: EXPLAIN in a read-only transaction that is rolled back, under the session's
/// search path and role. EXPLAIN may run immutable functions: whoever asks has judged them.
/// </summary>
internal static class PlannerEstimate
{
    private const int MaxPlan = 8 * 1024 * 1024;

    public static async Task<double?> AskAsync(CatalogQuestion question, CatalogDialog dialog)
    {
        var plan = new StringBuilder();
        try
        {
            await dialog.AskAsync("BEGIN READ ONLY; SET LOCAL statement_timeout = '2s'").ConfigureAwait(false);
            await dialog.AskAsync($"SET LOCAL ROLE {Quote(question.Role)}").ConfigureAwait(false);
            await dialog.AskAsync($"SELECT set_config('search_path', {Literal(question.SearchPath)}, true)").ConfigureAwait(false);
            await dialog.AskAsync("EXPLAIN (FORMAT JSON) " + question.Statement, row =>
            {
                if (plan.Length < MaxPlan)
                    plan.Append(row[0]);
            }, question.Parameters).ConfigureAwait(false);
        }
        catch (UpstreamUnavailableException)
        {
            plan.Clear();
        }

        await dialog.AskAsync("ROLLBACK").ConfigureAwait(false);
        return plan.Length == 0 ? null : Read(plan.ToString());
    }

    /// <summary>The largest number of rows of any node: what a statement reads or changes, not only what it returns.</summary>
    private static double? Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
            double? most = null;
            foreach (var statement in document.RootElement.EnumerateArray())
            {
                if (statement.TryGetProperty("Plan", out var plan))
                    Walk(plan, ref most);
            }

            return most;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Walk(JsonElement node, ref double? most)
    {
        if (node.TryGetProperty("Plan Rows", out var rows) && rows.TryGetDouble(out var value))
            most = Math.Max(most ?? 0, value);
        if (!node.TryGetProperty("Plans", out var children))
            return;
        foreach (var child in children.EnumerateArray())
            Walk(child, ref most);
    }

    public static string Quote(string name) => string.Create(CultureInfo.InvariantCulture, $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");

    private static string Literal(string text) => string.Create(CultureInfo.InvariantCulture, $"'{text.Replace("'", "''", StringComparison.Ordinal)}'");
}
