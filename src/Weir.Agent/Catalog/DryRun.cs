using System.Collections.Immutable;
using System.Globalization;
using Weir.Agent.Reviews;
using Weir.Agent.Upstream;

namespace Weir.Agent.Catalog;

/// <summary>
/// What a statement really changes: it is carried out under the session's search path and role, the rows that it touched are counted (those of triggers and
/// cascades too), and everything is rolled back. It takes locks and draws from sequences meanwhile: short limits, and only where a rule asks for it.
/// </summary>
internal static class DryRun
{
    // Everything with its schema: search_path is the session's here.
    private const string Counts =
        """
        SELECT n.nspname OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) c.relname, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) OPERATOR(pg_catalog.+)
        pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid AND (pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) OPERATOR(pg_catalog.+)
        pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)) OPERATOR(pg_catalog.>) 0
        """;

    public static async Task<DryRunEffect> RunAsync(CatalogQuestion question, Func<string, Action<string?[]>?, Task> ask)
    {
        var before = new Dictionary<string, long>(StringComparer.Ordinal);
        var after = new Dictionary<string, long>(StringComparer.Ordinal);
        string? failure = null;
        try
        {
            await ask("BEGIN; SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '1s'", null).ConfigureAwait(false);
            await ask($"SET LOCAL ROLE {PlannerEstimate.Quote(question.Role)}", null).ConfigureAwait(false);
            await ask($"SELECT pg_catalog.set_config('search_path', {PlannerEstimate.Literal(question.SearchPath)}, true)", null).ConfigureAwait(false);
            await ask(Counts, row => Add(before, row)).ConfigureAwait(false);
            await ask(question.Statement, null).ConfigureAwait(false);
            await ask(Counts, row => Add(after, row)).ConfigureAwait(false);
        }
        catch (UpstreamUnavailableException fault) when (fault.SqlState is not null)
        {
            // The message may hold values.
            failure = $"it failed with SQLSTATE {fault.SqlState}";
        }

        await ask("ROLLBACK", null).ConfigureAwait(false);
        if (failure is not null)
            return DryRunEffect.NotRun(failure);
        return new DryRunEffect(
            after.Select(a => (Relation: a.Key, Rows: a.Value - before.GetValueOrDefault(a.Key))).Where(a => a.Rows > 0)
                .ToImmutableSortedDictionary(a => a.Relation, a => a.Rows, StringComparer.Ordinal),
            null);
    }

    private static void Add(Dictionary<string, long> counts, string?[] row)
    {
        if (long.TryParse(row[1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var rows))
            counts[row[0] ?? ""] = rows;
    }
}
