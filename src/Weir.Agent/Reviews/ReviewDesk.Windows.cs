using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Reviews;

/// <summary>Approvals of a shape for a while.</summary>
internal sealed partial class ReviewDesk
{
    private string? ShapeBindingOf(ReviewDraft draft) =>
        draft.Shape is { } shape ? Convert.ToHexString(ReviewBinding.ComputeShape(_bindingKey, draft, shape)) : null;

    /// <summary>Until when the update approves the shape; null when it approves one statement, or another shape.</summary>
    private static DateTimeOffset? WindowOf(ReviewUpdate update, string? shapeBinding) =>
        update.WindowUntil is { } until && shapeBinding is not null && Convert.ToHexString(update.ShapeBinding.Span) == shapeBinding ? until.ToDateTimeOffset() : null;

    /// <summary>A review that people have approved for a while, and for this shape.</summary>
    private OpenReview? FindWindow(string? shapeBinding)
    {
        if (shapeBinding is null)
            return null;
        var now = _time.GetUtcNow();
        return _reviews.Values.FirstOrDefault(r => r.WindowUntil > now && r.ShapeBinding == shapeBinding);
    }

    private ReviewTicket Covered(OpenReview window, string binding)
    {
        // The very statement that people were shown may still do what they were shown, once.
        var outcome = binding == window.Binding ? window.Approval : window.Coverage;
        if (outcome.ApprovedRows is not null)
        {
            window.ApprovedRows = null;
            Save();
        }

        return new ReviewTicket(window.Id, UrlOf(window.Id), joined: true, outcome) { IsCovered = true };
    }
}
