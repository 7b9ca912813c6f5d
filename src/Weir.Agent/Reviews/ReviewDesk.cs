using Microsoft.Extensions.Logging;
using Weir.Agent.Link;
using Weir.Agent.Policies;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Reviews;

/// <summary>
/// Matches held statements with reviews. Its own memory is the truth about who waits; the control plane's updates, repeated after every reconnect, are the truth about
/// decisions. Callbacks are always made outside the lock.
/// </summary>
internal sealed partial class ReviewDesk : IReviewDesk
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, OpenReview> _reviews = [];
    private readonly Dictionary<Guid, ReviewUpdate> _used = [];
    private readonly byte[] _bindingKey;
    private readonly PolicyHolder _policies;
    private readonly ReviewFile _file;
    private readonly ILinkSender _link;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    /// <summary>Approvals that are not in the file yet.</summary>
    private readonly List<OpenReview> _approved = [];

    /// <summary>Something else is not in the file yet.</summary>
    private bool _isChanged;

    public ReviewDesk(byte[] bindingKey, PolicyHolder policies, ReviewFile file, ILinkSender link, TimeProvider time, ILogger log)
    {
        (_bindingKey, _policies, _file, _link, _time, _log) = (bindingKey, policies, file, link, time, log);
    }

    public ReviewTicket Request(ReviewDraft draft, Action<ReviewOutcome> onDecided)
    {
        var binding = Convert.ToHexString(ReviewBinding.Compute(_bindingKey, draft));
        var shapeBinding = ShapeBindingOf(draft);
        AgentMessage? message = null;
        ReviewTicket ticket;
        lock (_lock)
        {
            var found = Find(binding);
            if (found is { IsApproved: true })
            {
                ticket = new ReviewTicket(found.Id, UrlOf(found.Id), joined: true, found.Approval);
                found.Holder = ticket;
                return ticket;
            }

            if (found is null && FindWindow(shapeBinding) is { } window)
                return Covered(window, binding);
            if (found is not null)
            {
                ticket = new ReviewTicket(found.Id, UrlOf(found.Id), joined: true, null);
                found.Waiters.Add(new ReviewWaiter(ticket, draft, onDecided));
            }
            else
            {
                var review = Open(draft, binding, shapeBinding, _time.GetUtcNow());
                ticket = new ReviewTicket(review.Id, UrlOf(review.Id), joined: false, null);
                review.Waiters.Add(new ReviewWaiter(ticket, draft, onDecided));
                message = new AgentMessage { ReviewRequest = review.Request };
            }
        }

        // Without a connection it is sent with the next one.
        if (message is not null)
            _link.TrySend(message);
        return ticket;
    }

    public ReviewTicket? TryUse(ReviewDraft draft)
    {
        var binding = Convert.ToHexString(ReviewBinding.Compute(_bindingKey, draft));
        lock (_lock)
        {
            if (Find(binding) is not { IsApproved: true } found)
                return null;
            return found.Holder = new ReviewTicket(found.Id, UrlOf(found.Id), joined: true, found.Approval);
        }
    }

    public ReviewTicket Offer(ReviewDraft draft)
    {
        var binding = Convert.ToHexString(ReviewBinding.Compute(_bindingKey, draft));
        OpenReview review;
        lock (_lock)
        {
            if (Find(binding) is { IsApproved: false } found)
                return new ReviewTicket(found.Id, UrlOf(found.Id), joined: true, null);
            review = Open(draft, binding, null, _time.GetUtcNow(), isOffer: true);
        }

        foreach (var message in OfferOf(review))
            _link.TrySend(message);
        return new ReviewTicket(review.Id, UrlOf(review.Id), joined: false, null);
    }

    public void Abandon(ReviewTicket ticket)
    {
        Guid id;
        lock (_lock)
        {
            if (FindByTicket(ticket) is not { } review)
                return;
            review.Waiters.RemoveAll(w => w.Ticket == ticket);
            if (review.Holder == ticket)
                review.Holder = null;
            if (review.Waiters.Count > 0 || review.IsApproved)
                return;
            id = review.Id;
        }

        _link.TrySend(new AgentMessage { ReviewAbandoned = new ReviewAbandoned { ReviewId = ContractMapping.ToBytes(id) } });
    }

    public void Consumed(ReviewTicket ticket, bool forwarded)
    {
        // The recording says that it was used; there is nothing to use up.
        if (ticket.IsCovered)
            return;
        lock (_lock)
        {
            if (!_reviews.TryGetValue(ticket.ReviewId, out var review) || review.Holder != ticket)
                return;
            _reviews.Remove(review.Id);
            var used = ReviewMessages.ToUpdate(review);
            used.Status = ReviewStatus.Consumed;

            // What the control plane must be told again when it did not hear it: the comment says whether it was forwarded.
            used.Comment = forwarded ? "" : "not forwarded";
            _used[review.Id] = used;
            Append([used]);
        }

        SendConsumed(ticket.ReviewId, forwarded);
    }

    /// <summary>The state of reviews came from the control plane.</summary>
    /// <exception cref="ContractViolationException">An update has no certain meaning.</exception>
    public void OnUpdates(IReadOnlyList<ReviewUpdate> updates)
    {
        List<(Action<ReviewOutcome> Callback, ReviewOutcome Outcome)> decided = [];
        List<AgentMessage> messages = [];
        try
        {
            lock (_lock)
            {
                foreach (var update in updates)
                    OnUpdate(update, decided, messages);
            }
        }
        finally
        {
            foreach (var message in messages)
                _link.TrySend(message);
            foreach (var (callback, outcome) in decided)
                callback(outcome);
        }

        // Whoever waited goes on first. What it has used meanwhile is written down with all the rest.
        lock (_lock)
        {
            if (_isChanged)
                Save();
            else
                Append(_approved.Where(r => _reviews.ContainsKey(r.Id)).Select(ReviewMessages.ToUpdate));
            _approved.Clear();
        }
    }

    private void OnUpdate(ReviewUpdate update, List<(Action<ReviewOutcome> Callback, ReviewOutcome Outcome)> decided, List<AgentMessage> messages)
    {
        var id = ContractMapping.ToGuid(update.ReviewId, "review_id");
        if (_used.TryGetValue(id, out var used))
        {
            // That the control plane knows it need not be written down at once: after a restart it is told once more.
            if (update.Status == ReviewStatus.Consumed)
                _used.Remove(id);
            else
                messages.Add(ConsumedMessage(id, used.Comment.Length == 0));
        }
        else if (_reviews.TryGetValue(id, out var review))
        {
            if (!update.Binding.IsEmpty && Convert.ToHexString(update.Binding.Span) != review.Binding)
                LogBindingDiffers(_log, id);
            else
                OnKnown(review, update, decided, messages);
        }
        else if (update.Status is ReviewStatus.Open or ReviewStatus.Approved)
        {
            Remember(update);
            if (update.Status == ReviewStatus.Approved && _reviews.TryGetValue(id, out review))
                _approved.Add(review);
        }
    }

    /// <summary>What a new connection must say: reviews that somebody waits for, and approvals that were used. The control plane drops what it knows.</summary>
    public IReadOnlyList<AgentMessage> Repeat()
    {
        lock (_lock)
        {
            return
            [
                .. _reviews.Values.Where(r => r.Request is not null && !r.IsApproved && r.Waiters.Count > 0).Select(r => new AgentMessage { ReviewRequest = r.Request }),
                .. _reviews.Values.Where(r => r.IsOffer && !r.IsApproved && r.Waiters.Count == 0).SelectMany(OfferOf),
                .. _used.Select(u => ConsumedMessage(u.Key, u.Value.Comment.Length == 0)),
            ];
        }
    }

    /// <summary>Ends reviews whose time is over; called every few seconds.</summary>
    public void Expire()
    {
        List<ReviewWaiter> expired = [];
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var isChanged = false;
            foreach (var review in _reviews.Values.Where(r => r.ExpiresAt <= now && r.Holder is null).ToArray())
            {
                expired.AddRange(review.Waiters);
                _reviews.Remove(review.Id);
                isChanged |= review.IsApproved;
            }

            // A used approval that would have expired by now can't come back.
            foreach (var id in _used.Where(u => u.Value.ExpiresAt.ToDateTimeOffset() + TimeSpan.FromHours(1) <= now).Select(u => u.Key).ToArray())
                isChanged |= _used.Remove(id);
            if (isChanged)
                Save();
        }

        foreach (var waiter in expired)
            waiter.OnDecided(new ReviewOutcome(ReviewOutcomeKind.Expired, "", "", null));
    }

    private void OnKnown(OpenReview review, ReviewUpdate update, List<(Action<ReviewOutcome>, ReviewOutcome)> decided, List<AgentMessage> messages)
    {
        // It was on its way while the decision was.
        if (update.Status == ReviewStatus.Open && review.IsApproved)
            return;
        if (update.ExpiresAt is { } expires)
            review.ExpiresAt = expires.ToDateTimeOffset();
        review.Comment = update.Comment;
        review.DecidedBy = update.DecidedBy;
        if (!review.IsApproved)
            review.ApprovedRows = update.HasApprovedRows ? update.ApprovedRows : null;
        switch (update.Status)
        {
            case ReviewStatus.Approved when !review.IsApproved && WindowOf(update, review.ShapeBinding) is { } until:
                review.IsApproved = true;
                review.WindowUntil = until;
                foreach (var waiter in review.Waiters)
                {
                    decided.Add((waiter.OnDecided, review.Approval));
                    waiter.Ticket.IsCovered = true;
                    review.ApprovedRows = null;
                }

                review.Waiters.Clear();
                _approved.Add(review);
                break;
            case ReviewStatus.Approved when !review.IsApproved:
                review.IsApproved = true;
                if (review.Waiters.Count > 0)
                {
                    var first = review.Waiters[0];
                    review.Holder = first.Ticket;
                    decided.Add((first.OnDecided, review.Approval));
                    var others = review.Waiters[1..];
                    review.Waiters.Clear();
                    if (others.Count > 0)
                        messages.Add(MoveToOwnReview(others, review.Binding));
                }

                _approved.Add(review);
                break;
            case ReviewStatus.Rejected:
                End(review, ReviewOutcomeKind.Rejected, decided);
                break;
            case ReviewStatus.Expired:
                End(review, ReviewOutcomeKind.Expired, decided);
                break;
            case ReviewStatus.Withdrawn or ReviewStatus.Consumed:
                End(review, ReviewOutcomeKind.Withdrawn, decided);
                break;
        }
    }

    private void End(OpenReview review, ReviewOutcomeKind kind, List<(Action<ReviewOutcome>, ReviewOutcome)> decided)
    {
        _reviews.Remove(review.Id);
        foreach (var waiter in review.Waiters)
            decided.Add((waiter.OnDecided, new ReviewOutcome(kind, review.Comment, review.DecidedBy, null)));
        if (review.IsApproved)
            _isChanged = true;
    }

    private AgentMessage MoveToOwnReview(List<ReviewWaiter> waiters, string binding)
    {
        var review = Open(waiters[0].Draft, binding, ShapeBindingOf(waiters[0].Draft), _time.GetUtcNow());
        review.Waiters.AddRange(waiters);
        foreach (var waiter in waiters)
            waiter.Ticket.MoveTo(review.Id, UrlOf(review.Id));
        return new AgentMessage { ReviewRequest = review.Request };
    }

    /// <summary>The review with this binding that is open, or approved for one statement and free.</summary>
    private OpenReview? Find(string binding)
    {
        var now = _time.GetUtcNow();
        return _reviews.Values.FirstOrDefault(r => r.Binding == binding && r.Holder is null && r.WindowUntil is null && r.ExpiresAt > now);
    }

    private static AgentMessage[] OfferOf(OpenReview review) =>
    [
        new() { ReviewRequest = review.Request },
        new() { ReviewAbandoned = new ReviewAbandoned { ReviewId = ContractMapping.ToBytes(review.Id) } },
    ];

    private OpenReview Open(ReviewDraft draft, string binding, string? shapeBinding, DateTimeOffset now, bool isOffer = false)
    {
        var id = Guid.NewGuid();
        var review = new OpenReview(id, binding, shapeBinding)
        {
            Request = ReviewMessages.ToRequest(id, binding, shapeBinding, draft),
            IsOffer = isOffer,
            ExpiresAt = now + draft.Terms.ExpiresAfter,
        };
        _reviews.Add(id, review);
        return review;
    }

    private OpenReview? FindByTicket(ReviewTicket ticket) =>
        _reviews.Values.FirstOrDefault(r => r.Holder == ticket || r.Waiters.Any(w => w.Ticket == ticket));

    private void SendConsumed(Guid id, bool forwarded) => _link.TrySend(ConsumedMessage(id, forwarded));

    private static AgentMessage ConsumedMessage(Guid id, bool forwarded) => new()
    {
        ReviewConsumed = new ReviewConsumed { ReviewId = ContractMapping.ToBytes(id), Forwarded = forwarded },
    };

    private string UrlOf(Guid reviewId)
    {
        var console = _policies.Current?.Snapshot.Settings.ConsoleUrl ?? "";
        return console.Length == 0 ? "" : $"{console.TrimEnd('/')}/reviews/{reviewId}";
    }

    [LoggerMessage(3201, LogLevel.Error, "Review {ReviewId} came back with another binding than it was asked with; the update is ignored")]
    private static partial void LogBindingDiffers(ILogger log, Guid reviewId);

    [LoggerMessage(3202, LogLevel.Error, "Stored reviews can't be used: {Reason}")]
    private static partial void LogNotRestored(ILogger log, string reason);
}
