using System.Collections.Immutable;
using System.Text;
using Weir.Agent.Reviews;
using Weir.Policy.Compilation;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Sql.Catalog;

namespace Weir.Agent.Masking;

/// <summary>
/// Makes the rows of a dry run fit to be seen by reviewers: masked as for the one who asks, and then once more as for somebody in no group at all, because
/// a rule may exempt the one who asks but not the one who looks.
/// </summary>
internal static class SampleMasker
{
    private const int MaxColumns = 64;
    private const int MaxValue = 200;

    /// <param name="rules">The policies to mask by, each with its plan for reading the table whole.</param>
    /// <returns>Null when something can't be masked.</returns>
    public static ShownRows? Mask(string relation, RawSample sample, IReadOnlyList<(SessionPolicy Policy, MaskingPlan Plan)> rules, CatalogSnapshot? catalog, IReadOnlySet<uint> temporaryOids)
    {
        var description = sample.Before.Description.Length > 0 ? sample.Before.Description : sample.After.Description;
        if (description.Length == 0)
            return null;
        var plans = new List<(AnswerPlan Plan, SessionPolicy Policy)>();
        foreach (var (policy, plan) in rules)
        {
            plans.Add((AnswerPlanner.Plan(policy, plan, catalog, temporaryOids, description, null, out var hasUnknownOrigin), policy));
            if (hasUnknownOrigin && policy.HasMasking)
                return null;
        }

        var columns = ImmutableArray.CreateBuilder<string>();
        foreach (var field in RowDescription.Read(description).Fields)
        {
            if (columns.Count < MaxColumns)
                columns.Add(Encoding.UTF8.GetString(field.Name));
        }

        return new ShownRows(relation, columns.ToImmutable(), Mask(sample.Before, plans), Mask(sample.After, plans));
    }

    private static ImmutableArray<ImmutableArray<string?>> Mask(RawRows rows, List<(AnswerPlan Plan, SessionPolicy Policy)> plans)
    {
        var masker = RowMasker.Current;
        var shown = ImmutableArray.CreateBuilder<ImmutableArray<string?>>();
        foreach (var row in rows.Rows)
        {
            var body = row;
            foreach (var (plan, policy) in plans)
            {
                var writer = new MessageWriter(body.Length + 64);
                masker.MaskRow(plan, policy.Detectors, body, writer);
                body = writer.Written[FrameHeader.Size..].ToArray();
            }

            var values = ImmutableArray.CreateBuilder<string?>();
            foreach (var field in DataRow.Read(body).Fields)
            {
                if (values.Count < MaxColumns)
                    values.Add(field.IsNull ? null : Recording.Utf8Text.Cut(Encoding.UTF8.GetString(field.Value), MaxValue));
            }

            shown.Add(values.ToImmutable());
        }

        return shown.ToImmutable();
    }
}
