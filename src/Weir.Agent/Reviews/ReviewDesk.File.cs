using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Reviews;

/// <summary>What outlives the agent's process.</summary>
internal sealed partial class ReviewDesk
{
    /// <summary>Restores approvals, used and unused ones, after a restart.</summary>
    public void Load()
    {
        try
        {
            foreach (var update in _file.Load())
            {
                if (update.Status == ReviewStatus.Consumed)
                    _used[ContractMapping.ToGuid(update.ReviewId, "review_id")] = update;
                else
                    Remember(update);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or ContractViolationException)
        {
            LogNotRestored(_log, exception.Message);
        }
    }

    // A review that this process did not ask for: of an earlier one, or lost in a restart.
    private void Remember(ReviewUpdate update)
    {
        var id = ContractMapping.ToGuid(update.ReviewId, "review_id");
        if (update.Binding.Length != 32 || update.ExpiresAt is null)
            return;
        var shapeBinding = update.ShapeBinding.Length == 32 ? Convert.ToHexString(update.ShapeBinding.Span) : null;
        _reviews[id] = new OpenReview(id, Convert.ToHexString(update.Binding.Span), shapeBinding)
        {
            WindowUntil = update.Status == ReviewStatus.Approved ? WindowOf(update, shapeBinding) : null,
            IsApproved = update.Status == ReviewStatus.Approved,
            ExpiresAt = update.ExpiresAt.ToDateTimeOffset(),
            Comment = update.Comment,
            DecidedBy = update.DecidedBy,
            ApprovedRows = update.HasApprovedRows ? update.ApprovedRows : null,
        };
    }

    private void Append(IEnumerable<ReviewUpdate> said)
    {
        var news = said.ToArray();
        if (news.Length > 0 && !_file.TryAppend(news))
            Save();
    }

    private void Save()
    {
        _isChanged = false;
        _file.Save(_reviews.Values.Where(r => r.IsApproved).Select(ReviewMessages.ToUpdate).Concat(_used.Values));
    }
}
