using System.Collections.Immutable;
using System.Globalization;
using Weir.Agent.Reviews;
using Weir.Agent.Upstream;

namespace Weir.Agent.Catalog;

/// <summary>
/// What a statement really changes: it is carried out under the session's search path and role, with the client's own parameters, the rows that it touched are
/// counted (those of triggers and cascades too), some are looked at as they were and as they became, and everything is rolled back. It takes locks
/// meanwhile: short limits, and only where a rule asks for it.
/// </summary>
internal static class DryRun
{
    public const int SampleRows = 5;

    // Everything with its schema: search_path is the session's here.
    private const string Counts =
        """
        SELECT n.nspname OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) c.relname, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) OPERATOR(pg_catalog.+)
        pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid AND (pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) OPERATOR(pg_catalog.+)
        pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)) OPERATOR(pg_catalog.>) 0
        """;

    private const string Own = "(pg_catalog.pg_current_xact_id())::pg_catalog.xid";

    public static async Task<(DryRunEffect Effect, RawSample? Sample)> RunAsync(CatalogQuestion question, CatalogDialog dialog)
    {
        var before = new Dictionary<string, long>(StringComparer.Ordinal);
        var after = new Dictionary<string, long>(StringComparer.Ordinal);
        string? failure = null;
        RawSample? sample = null;
        try
        {
            await dialog.AskAsync("BEGIN; SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '1s'").ConfigureAwait(false);
            await dialog.AskAsync($"SET LOCAL ROLE {PlannerEstimate.Quote(question.Role)}").ConfigureAwait(false);
            await dialog.AskAsync($"SELECT pg_catalog.set_config('search_path', {PlannerEstimate.Literal(question.SearchPath)}, true)").ConfigureAwait(false);
            var canSample = question.SampleOf is { } table && await TryAsync(dialog, () => BeginSampleAsync(dialog, table)).ConfigureAwait(false);
            await dialog.AskAsync(Counts, row => Add(before, row)).ConfigureAwait(false);
            await dialog.AskAsync(question.Statement, null, question.Parameters).ConfigureAwait(false);
            await dialog.AskAsync(Counts, row => Add(after, row)).ConfigureAwait(false);
            if (canSample)
                await TryAsync(dialog, async () => sample = await SampleAsync(dialog, question.SampleOf!).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (UpstreamUnavailableException fault) when (fault.SqlState is not null)
        {
            // The message may hold values.
            failure = $"it failed with SQLSTATE {fault.SqlState}";
        }

        await dialog.AskAsync("ROLLBACK").ConfigureAwait(false);
        if (failure is not null)
            return (DryRunEffect.NotRun(failure), null);
        var effect = new DryRunEffect(
            after.Select(a => (Relation: a.Key, Rows: a.Value - before.GetValueOrDefault(a.Key))).Where(a => a.Rows > 0)
                .ToImmutableSortedDictionary(a => a.Relation, a => a.Rows, StringComparer.Ordinal),
            null);
        return (effect, sample);
    }

    /// <summary>
    /// A cursor sees the table as it is when the cursor is opened. Read after the statement, the rows that the statement has replaced or deleted are those that bear this
    /// transaction's number.
    /// </summary>
    private static Task BeginSampleAsync(CatalogDialog dialog, string table) =>
        dialog.AskAsync($"DECLARE weir_before NO SCROLL CURSOR FOR SELECT t.* FROM {table} t WHERE t.xmax OPERATOR(pg_catalog.=) {Own}");

    private static async Task<RawSample> SampleAsync(CatalogDialog dialog, string table)
    {
        await dialog.AskAsync("SET LOCAL statement_timeout = '1s'").ConfigureAwait(false);
        var before = await dialog.FetchAsync(string.Create(CultureInfo.InvariantCulture, $"FETCH {SampleRows} FROM weir_before")).ConfigureAwait(false);
        var after = await dialog.FetchAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT t.* FROM {table} t WHERE t.xmin OPERATOR(pg_catalog.=) {Own} LIMIT {SampleRows}")).ConfigureAwait(false);
        return new RawSample(before, after);
    }

    /// <summary>Without a sample the count is still worth something.</summary>
    private static async Task<bool> TryAsync(CatalogDialog dialog, Func<Task> step)
    {
        await dialog.AskAsync("SAVEPOINT weir_sample").ConfigureAwait(false);
        try
        {
            await step().ConfigureAwait(false);
            await dialog.AskAsync("RELEASE weir_sample").ConfigureAwait(false);
            return true;
        }
        catch (UpstreamUnavailableException fault) when (fault.SqlState is not null)
        {
            await dialog.AskAsync("ROLLBACK TO weir_sample").ConfigureAwait(false);
            return false;
        }
    }

    private static void Add(Dictionary<string, long> counts, string?[] row)
    {
        if (long.TryParse(row[1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var rows))
            counts[row[0] ?? ""] = rows;
    }
}
