using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Reviews;

/// <summary>The request of a review as reviewers will see it. The exact text and parameters are not in it.</summary>
internal static class ReviewMessages
{
    private const int MaxText = 256 * 1024;
    private const int MaxParameter = 4 * 1024;
    private const int MaxParameters = 256;
    private const int MaxNames = 256;

    public static ReviewRequest ToRequest(Guid id, string binding, string? shapeBinding, ReviewDraft draft)
    {
        var request = new ReviewRequest
        {
            ReviewId = ContractMapping.ToBytes(id),
            SessionId = ContractMapping.ToBytes(draft.SessionId),
            Statement = draft.Statement,
            Principal = ContractMapping.ToContract(draft.Principal),
            Connection = draft.Connection,
            Text = Utf8Text.Cut(draft.ShownText, MaxText),
            Approvals = draft.Terms.Approvals,
            ExpiresAfter = Duration.FromTimeSpan(draft.Terms.ExpiresAfter),
            Binding = ByteString.CopyFrom(Convert.FromHexString(binding)),
        };
        request.Parameters.AddRange(draft.ShownParameters.Take(MaxParameters).Select(p => Utf8Text.Cut(p, MaxParameter)));
        request.Reasons.AddRange(draft.Reasons.Select(DecisionNames.ToContract));
        request.Reviewers.AddRange(draft.Terms.Reviewers);
        request.Relations.AddRange(draft.Relations.Take(MaxNames));
        request.SensitiveColumns.AddRange(draft.SensitiveColumns.Take(MaxNames));
        foreach (var (key, value) in draft.Context)
            request.Context[key] = value;
        if (draft.EstimatedRows is { } rows)
            request.EstimatedRows = rows;
        if (draft.Effect is { } effect)
        {
            request.Effect = new ShownEffect { NotRunBecause = effect.NotRunBecause ?? "" };
            foreach (var (relation, changed) in effect.RowsChanged)
                request.Effect.RowsChanged[relation] = changed;
            request.Effect.Samples.AddRange(effect.Samples.Select(ToContract));
        }

        if (shapeBinding is not null && draft.Shape is { } shape)
        {
            request.ShapeBinding = ByteString.CopyFrom(Convert.FromHexString(shapeBinding));
            request.MaxWindow = Duration.FromTimeSpan(shape.MaxWindow);
            request.Shape = Utf8Text.Cut(shape.Shown, MaxText);
        }

        return request;
    }

    private static SampleRows ToContract(ShownRows shown)
    {
        var sample = new SampleRows { Relation = shown.Relation };
        sample.Columns.AddRange(shown.Columns);
        sample.Before.AddRange(shown.Before.Select(ToContract));
        sample.After.AddRange(shown.After.Select(ToContract));
        return sample;
    }

    private static SampleRow ToContract(ImmutableArray<string?> values)
    {
        var row = new SampleRow();
        foreach (var value in values)
            row.Values.Add(value is null ? new SampleValue() : new SampleValue { Text = value });
        return row;
    }

    /// <summary>An approval as the agent keeps it in its file.</summary>
    public static ReviewUpdate ToUpdate(OpenReview review)
    {
        var update = new ReviewUpdate
        {
            ReviewId = ContractMapping.ToBytes(review.Id),
            Status = ReviewStatus.Approved,
            Comment = review.Comment,
            DecidedBy = review.DecidedBy,
            ExpiresAt = Timestamp.FromDateTimeOffset(review.ExpiresAt),
            Binding = ByteString.CopyFrom(Convert.FromHexString(review.Binding)),
        };
        if (review.ApprovedRows is { } rows)
            update.ApprovedRows = rows;
        if (review.ShapeBinding is { } shape)
            update.ShapeBinding = ByteString.CopyFrom(Convert.FromHexString(shape));
        if (review.WindowUntil is { } until)
            update.WindowUntil = Timestamp.FromDateTimeOffset(until);
        return update;
    }
}
