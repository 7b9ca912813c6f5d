using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Link;
using Weir.Agent.Policies;
using Weir.Agent.Reviews;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.Policy.Access;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using PrincipalKind = Weir.Policy.Access.PrincipalKind;

namespace Weir.Agent.Tests.Reviews;

public sealed class ReviewDeskTests : IDisposable
{
    private static readonly Principal Ada = new(Guid.NewGuid(), "ada@example.com", PrincipalKind.User, ["engineers"]);

    private readonly TemporaryDirectory _directory = new();
    private readonly Weir.Agent.Configuration.DataDirectory _data;
    private readonly ManualTime _time = new();
    private readonly Sent _sent = new();
    private ReviewDesk _desk;

    public ReviewDeskTests()
    {
        _data = _directory.OpenData();
        _desk = Restart();
    }

    [Fact]
    public void A_held_statement_is_asked_about_and_passes_when_it_is_approved()
    {
        ReviewOutcome? outcome = null;
        var ticket = _desk.Request(Draft("UPDATE x"), o => outcome = o);
        ticket.Immediate.ShouldBeNull();
        ticket.Joined.ShouldBeFalse();
        var request = _sent.Take().ReviewRequest;
        request.ReviewId.ShouldBe(ContractMapping.ToBytes(ticket.ReviewId));
        request.Text.ShouldBe("shown UPDATE x");
        request.Reviewers.ShouldBe(["dba"]);
        request.ExpiresAfter.ToTimeSpan().ShouldBe(TimeSpan.FromMinutes(15));

        _desk.OnUpdates([Update(ticket.ReviewId, ReviewStatus.Approved, request.Binding, rows: 12)]);
        outcome.ShouldBe(new ReviewOutcome(ReviewOutcomeKind.Approved, "because", "grace", 12));
        _desk.Consumed(ticket, forwarded: true);
        _sent.Take().ReviewConsumed.Forwarded.ShouldBeTrue();
    }

    [Fact]
    public void An_approval_passes_one_statement_only()
    {
        var ticket = Approve("UPDATE x");
        _desk.Consumed(ticket, forwarded: true);
        var again = _desk.Request(Draft("UPDATE x"), _ => { });
        again.Immediate.ShouldBeNull();
        again.ReviewId.ShouldNotBe(ticket.ReviewId);
    }

    [Fact]
    public void The_approval_of_a_statement_nobody_waits_for_any_more_passes_the_next_same_one()
    {
        var first = _desk.Request(Draft("UPDATE x"), _ => throw new InvalidOperationException("abandoned"));
        var binding = _sent.Take().ReviewRequest.Binding;
        _desk.Abandon(first);
        _sent.Take().ReviewAbandoned.ReviewId.ShouldBe(ContractMapping.ToBytes(first.ReviewId));
        _desk.OnUpdates([Update(first.ReviewId, ReviewStatus.Approved, binding)]);

        _desk.Request(Draft("UPDATE y"), _ => { }).Immediate.ShouldBeNull();
        var second = _desk.Request(Draft("UPDATE x"), _ => { });
        second.Immediate!.Kind.ShouldBe(ReviewOutcomeKind.Approved);
        second.ReviewId.ShouldBe(first.ReviewId);

        // While one statement holds the approval, another one like it must ask for its own.
        _desk.Request(Draft("UPDATE x"), _ => { }).Immediate.ShouldBeNull();
    }

    [Fact]
    public void The_same_statement_again_joins_the_open_review_and_anything_else_does_not()
    {
        var first = _desk.Request(Draft("UPDATE x"), _ => { });
        _desk.Request(Draft("UPDATE x"), _ => { }).ReviewId.ShouldBe(first.ReviewId);
        ReviewDraft[] others =
        [
            Draft("UPDATE  x"),
            Draft("UPDATE x") with { ExactParameters = new byte[] { 1 } },
            Draft("UPDATE x") with { Principal = Ada with { Id = Guid.NewGuid() } },
            Draft("UPDATE x") with { Connection = "payments" },
            Draft("UPDATE x") with { DecisionDigest = new byte[] { 9 } },
            Draft("UPDATE x") with { Surroundings = "search_path=other" },
        ];
        foreach (var other in others)
            _desk.Request(other, _ => { }).ReviewId.ShouldNotBe(first.ReviewId);
    }

    [Fact]
    public void Of_two_that_wait_for_one_review_the_first_passes_and_the_other_waits_in_its_own()
    {
        List<string> decided = [];
        var first = _desk.Request(Draft("UPDATE x"), _ => decided.Add("first"));
        var binding = _sent.Take().ReviewRequest.Binding;
        var second = _desk.Request(Draft("UPDATE x"), _ => decided.Add("second"));
        _desk.OnUpdates([Update(first.ReviewId, ReviewStatus.Approved, binding)]);
        decided.ShouldBe(["first"]);
        var own = _sent.Take().ReviewRequest;
        second.ReviewId.ShouldNotBe(first.ReviewId);
        own.ReviewId.ShouldBe(ContractMapping.ToBytes(second.ReviewId));
        _desk.OnUpdates([Update(second.ReviewId, ReviewStatus.Approved, own.Binding)]);
        decided.ShouldBe(["first", "second"]);
    }

    [Theory]
    [InlineData(ReviewStatus.Rejected, ReviewOutcomeKind.Rejected)]
    [InlineData(ReviewStatus.Expired, ReviewOutcomeKind.Expired)]
    [InlineData(ReviewStatus.Withdrawn, ReviewOutcomeKind.Withdrawn)]
    public void Every_end_of_a_review_reaches_everybody_who_waits(ReviewStatus status, object kind)
    {
        List<ReviewOutcome> outcomes = [];
        var ticket = _desk.Request(Draft("UPDATE x"), outcomes.Add);
        _desk.Request(Draft("UPDATE x"), outcomes.Add);
        _desk.OnUpdates([Update(ticket.ReviewId, status, _sent.Take().ReviewRequest.Binding)]);
        outcomes.Count.ShouldBe(2);
        outcomes.ShouldAllBe(o => o.Kind.Equals(kind) && o.Comment == "because");
    }

    [Fact]
    public void Decisions_that_come_together_each_pass_their_own_statement_once_also_over_a_restart()
    {
        var held = Enumerable.Range(0, 100).Select(i =>
        {
            var decided = new List<ReviewOutcome>();
            var ticket = _desk.Request(Draft($"UPDATE {i}"), decided.Add);
            return (Text: $"UPDATE {i}", Ticket: ticket, Decided: decided, _sent.Take().ReviewRequest.Binding);
        }).ToList();
        _desk.Abandon(held[99].Ticket);
        _sent.Clear();
        _desk.OnUpdates([.. held.Select(h => Update(h.Ticket.ReviewId, ReviewStatus.Approved, h.Binding))]);
        held[..99].ShouldAllBe(h => h.Decided.Count == 1 && h.Decided[0].Kind == ReviewOutcomeKind.Approved);
        held[99].Decided.ShouldBeEmpty();
        foreach (var one in held[..99])
            _desk.Consumed(one.Ticket, forwarded: true);

        _desk = Restart();
        _desk.Repeat().Count(m => m.ReviewConsumed is not null).ShouldBe(99);
        held[..99].Select(h => _desk.Request(Draft(h.Text), _ => { }).Immediate).ShouldAllBe(i => i == null);
        _desk.Request(Draft(held[99].Text), _ => { }).Immediate!.Kind.ShouldBe(ReviewOutcomeKind.Approved);
    }

    [Fact]
    public void An_approval_that_a_waiting_statement_took_and_gave_back_passes_once_also_after_a_restart()
    {
        var first = _desk.Request(Draft("UPDATE x"), _ => { });
        _desk.OnUpdates([Update(first.ReviewId, ReviewStatus.Approved, _sent.Take().ReviewRequest.Binding)]);
        _desk.Abandon(first);
        _desk = Restart();
        var second = _desk.Request(Draft("UPDATE x"), _ => { });
        second.Immediate!.Kind.ShouldBe(ReviewOutcomeKind.Approved);
        _desk.Consumed(second, forwarded: true);
        _desk = Restart();
        _desk.Request(Draft("UPDATE x"), _ => { }).Immediate.ShouldBeNull();
    }

    [Fact]
    public void That_a_review_is_open_changes_nothing_about_one_that_is_approved()
    {
        var first = _desk.Request(Draft("UPDATE x"), _ => { });
        var binding = _sent.Take().ReviewRequest.Binding;
        _desk.Abandon(first);
        _desk.OnUpdates([Update(first.ReviewId, ReviewStatus.Approved, binding, rows: 12)]);
        _desk.OnUpdates([Update(first.ReviewId, ReviewStatus.Open, binding)]);
        _desk.Request(Draft("UPDATE x"), _ => { }).Immediate!.ApprovedRows.ShouldBe(12);
    }

    [Fact]
    public void A_decision_with_another_binding_is_not_believed()
    {
        var ticket = _desk.Request(Draft("UPDATE x"), _ => throw new InvalidOperationException("believed"));
        _desk.OnUpdates([Update(ticket.ReviewId, ReviewStatus.Approved, ByteString.CopyFrom(new byte[32]))]);
    }

    [Fact]
    public void A_review_that_is_asked_for_while_the_control_plane_is_away_is_asked_for_again_with_the_same_id()
    {
        _sent.IsConnected = false;
        var ticket = _desk.Request(Draft("UPDATE x"), _ => { });
        _desk.Repeat().ShouldHaveSingleItem().ReviewRequest.ReviewId.ShouldBe(ContractMapping.ToBytes(ticket.ReviewId));
        _desk.Repeat().ShouldHaveSingleItem().ReviewRequest.ReviewId.ShouldBe(ContractMapping.ToBytes(ticket.ReviewId));
    }

    [Fact]
    public void A_review_expires_by_the_agents_own_clock_when_the_control_plane_is_away()
    {
        ReviewOutcome? outcome = null;
        _desk.Request(Draft("UPDATE x"), o => outcome = o);
        _time.Advance(TimeSpan.FromMinutes(14));
        _desk.Expire();
        outcome.ShouldBeNull();
        _time.Advance(TimeSpan.FromMinutes(1));
        _desk.Expire();
        outcome!.Kind.ShouldBe(ReviewOutcomeKind.Expired);
    }

    [Fact]
    public void An_unused_approval_survives_a_restart_and_expires()
    {
        var first = _desk.Request(Draft("UPDATE x"), _ => { });
        _desk.OnUpdates([Update(first.ReviewId, ReviewStatus.Approved, _sent.Take().ReviewRequest.Binding)]);
        _desk = Restart();
        var second = _desk.Request(Draft("UPDATE x"), _ => { });
        second.Immediate!.Kind.ShouldBe(ReviewOutcomeKind.Approved);
        _desk.Abandon(second);
        _time.Advance(TimeSpan.FromMinutes(16));
        _desk.Request(Draft("UPDATE x"), _ => { }).Immediate.ShouldBeNull();
    }

    [Fact]
    public void A_used_approval_does_not_come_back_by_a_restart_or_by_a_control_plane_that_missed_it()
    {
        var ticket = Approve("UPDATE x");
        var binding = Binding("UPDATE x");
        _sent.IsConnected = false;
        _desk.Consumed(ticket, forwarded: true);
        _sent.IsConnected = true;
        _desk = Restart();
        _desk.Repeat().ShouldHaveSingleItem().ReviewConsumed.ReviewId.ShouldBe(ContractMapping.ToBytes(ticket.ReviewId));
        _sent.Clear();
        _desk.OnUpdates([Update(ticket.ReviewId, ReviewStatus.Approved, binding)]);
        _sent.Take().ReviewConsumed.Forwarded.ShouldBeTrue();
        _desk.Request(Draft("UPDATE x"), _ => { }).Immediate.ShouldBeNull();
        _desk.OnUpdates([Update(ticket.ReviewId, ReviewStatus.Consumed, binding)]);
        _desk.Repeat().ShouldNotContain(m => m.BodyCase == AgentMessage.BodyOneofCase.ReviewConsumed);
    }

    [Fact]
    public void An_offer_is_asked_for_after_a_reconnect_too_although_nobody_waits()
    {
        _sent.IsConnected = false;
        var offer = _desk.Offer(Draft("UPDATE x"));
        _desk.Offer(Draft("UPDATE x")).ShouldSatisfyAllConditions(t => t.Joined.ShouldBeTrue(), t => t.ReviewId.ShouldBe(offer.ReviewId));
        var repeated = _desk.Repeat();
        repeated.Select(m => m.BodyCase).ShouldBe([AgentMessage.BodyOneofCase.ReviewRequest, AgentMessage.BodyOneofCase.ReviewAbandoned]);
        _desk.TryUse(Draft("UPDATE x")).ShouldBeNull();
        _desk.OnUpdates([Update(offer.ReviewId, ReviewStatus.Approved, repeated[0].ReviewRequest.Binding, rows: 12)]);
        _desk = Restart();
        _desk.TryUse(Draft("UPDATE y")).ShouldBeNull();
        var ticket = _desk.TryUse(Draft("UPDATE x"))!;
        ticket.Immediate!.ApprovedRows.ShouldBe(12);
        _desk.TryUse(Draft("UPDATE x")).ShouldBeNull();
        _desk.Consumed(ticket, forwarded: true);
        _desk.TryUse(Draft("UPDATE x")).ShouldBeNull();
        _desk.Offer(Draft("UPDATE x")).ReviewId.ShouldNotBe(offer.ReviewId);
    }

    [Fact]
    public void An_open_review_that_the_control_plane_tells_of_after_a_restart_can_be_joined()
    {
        var first = _desk.Request(Draft("UPDATE x"), _ => { });
        var binding = _sent.Take().ReviewRequest.Binding;
        _desk = Restart();
        _desk.OnUpdates([Update(first.ReviewId, ReviewStatus.Open, binding)]);
        var again = _desk.Request(Draft("UPDATE x"), _ => { });
        again.Joined.ShouldBeTrue();
        again.ReviewId.ShouldBe(first.ReviewId);
    }

    [Fact]
    public void A_window_releases_all_that_wait_and_the_shape_afterwards_and_is_not_used_up()
    {
        List<ReviewOutcome> outcomes = [];
        var first = _desk.Request(Draft("UPDATE x", "shape"), outcomes.Add);
        var request = _sent.Take().ReviewRequest;
        var second = _desk.Request(Draft("UPDATE x", "shape"), outcomes.Add);
        _desk.OnUpdates([Window(first.ReviewId, request, TimeSpan.FromMinutes(30), rows: 12)]);

        // What people were shown holds for the one statement that they were shown.
        outcomes.Select(o => (o.Kind, o.ApprovedRows)).ShouldBe([(ReviewOutcomeKind.Approved, 12), (ReviewOutcomeKind.Approved, null)]);
        second.ReviewId.ShouldBe(first.ReviewId);
        _desk.Consumed(first, forwarded: true);
        _desk.Consumed(second, forwarded: true);
        for (var i = 0; i < 3; i++)
        {
            var other = _desk.Request(Draft($"UPDATE {i}", "shape"), _ => { });
            (other.ReviewId, other.Joined, other.Immediate!.ApprovedRows).ShouldBe((first.ReviewId, true, null));
            _desk.Consumed(other, forwarded: true);
        }

        _desk.Request(Draft("UPDATE x", "other shape"), _ => { }).Immediate.ShouldBeNull();
        _desk.Request(Draft("UPDATE y"), _ => { }).Immediate.ShouldBeNull();
        _desk.Request(Draft("UPDATE 1", "shape") with { Principal = Ada with { Id = Guid.NewGuid() } }, _ => { }).Immediate.ShouldBeNull();
        _desk.Request(Draft("UPDATE 1", "shape") with { Surroundings = "search_path=other" }, _ => { }).Immediate.ShouldBeNull();
        _desk.Request(Draft("UPDATE 1", "shape") with { DecisionDigest = new byte[] { 9 } }, _ => { }).Immediate.ShouldBeNull();
        _desk.Request(Draft("UPDATE 1", "shape") with { Connection = "payments" }, _ => { }).Immediate.ShouldBeNull();
    }

    [Fact]
    public void A_window_survives_a_restart_ends_by_the_clock_and_at_once_when_it_is_withdrawn()
    {
        var ticket = _desk.Request(Draft("UPDATE x", "shape"), _ => { });
        var request = _sent.Take().ReviewRequest;
        _desk.OnUpdates([Window(ticket.ReviewId, request, TimeSpan.FromMinutes(30))]);
        _desk = Restart();
        _desk.Request(Draft("UPDATE y", "shape"), _ => { }).Immediate.ShouldNotBeNull();
        _desk.OnUpdates([Update(ticket.ReviewId, ReviewStatus.Withdrawn, request.Binding)]);
        _desk.Request(Draft("UPDATE y", "shape"), _ => { }).Immediate.ShouldBeNull();
        _desk = Restart();
        _desk.Request(Draft("UPDATE z", "shape"), _ => { }).Immediate.ShouldBeNull();

        // A control plane that remembers it better than a new agent.
        _desk = Restart();
        _desk.OnUpdates([Window(ticket.ReviewId, request, TimeSpan.FromMinutes(30))]);
        _desk.Request(Draft("UPDATE y", "shape"), _ => { }).Immediate.ShouldNotBeNull();
        _time.Advance(TimeSpan.FromMinutes(30));
        _desk.Request(Draft("UPDATE y", "shape"), _ => { }).Immediate.ShouldBeNull();
    }

    [Fact]
    public void A_window_for_another_shape_is_an_approval_of_the_one_statement()
    {
        ReviewOutcome? outcome = null;
        var ticket = _desk.Request(Draft("UPDATE x", "shape"), o => outcome = o);
        var update = Window(ticket.ReviewId, _sent.Take().ReviewRequest, TimeSpan.FromMinutes(30));
        update.ShapeBinding = ByteString.CopyFrom(new byte[32]);
        _desk.OnUpdates([update]);
        outcome!.Kind.ShouldBe(ReviewOutcomeKind.Approved);
        _desk.Consumed(ticket, forwarded: true);
        _desk.Request(Draft("UPDATE x", "shape"), _ => { }).Immediate.ShouldBeNull();
    }

    public void Dispose()
    {
        _data.Dispose();
        _directory.Dispose();
    }

    private static ReviewDraft Draft(string text) => new()
    {
        SessionId = Guid.NewGuid(),
        Statement = 1,
        Principal = Ada,
        Connection = "orders",
        ExactText = System.Text.Encoding.UTF8.GetBytes(text),
        DecisionDigest = new byte[] { 1, 2, 3 },
        ShownText = "shown " + text,
        Reasons = [new DecisionReason(ReasonSource.Guardrail, "no-where", Verdict.Review, "needs a second pair of eyes", null)],
        Terms = new ReviewTerms(["dba"], 1, TimeSpan.FromMinutes(15), ShowEffect: false),
    };

    private static ReviewDraft Draft(string text, string shape) =>
        Draft(text) with { Shape = new ReviewShape(System.Text.Encoding.UTF8.GetBytes(shape), "shown " + shape, TimeSpan.FromHours(1)) };

    private ReviewUpdate Window(Guid id, ReviewRequest request, TimeSpan length, long? rows = null)
    {
        var update = Update(id, ReviewStatus.Approved, request.Binding, rows);
        update.ShapeBinding = request.ShapeBinding;
        update.ExpiresAt = update.WindowUntil = Timestamp.FromDateTimeOffset(_time.GetUtcNow() + length);
        return update;
    }

    private static ByteString Binding(string text) => ByteString.CopyFrom(ReviewBinding.Compute(new byte[32], Draft(text)));

    private ReviewUpdate Update(Guid id, ReviewStatus status, ByteString binding, long? rows = null)
    {
        var update = new ReviewUpdate
        {
            ReviewId = ContractMapping.ToBytes(id),
            Status = status,
            Comment = "because",
            DecidedBy = "grace",
            Binding = binding,
            ExpiresAt = Timestamp.FromDateTimeOffset(_time.GetUtcNow() + TimeSpan.FromMinutes(15)),
        };
        if (rows is { } count)
            update.ApprovedRows = count;
        return update;
    }

    private ReviewTicket Approve(string text)
    {
        var ticket = _desk.Request(Draft(text), _ => { });
        _desk.OnUpdates([Update(ticket.ReviewId, ReviewStatus.Approved, Binding(text))]);
        _sent.Clear();
        return ticket;
    }

    private ReviewDesk Restart()
    {
        _sent.Clear();
        var desk = new ReviewDesk(new byte[32], new PolicyHolder(_time), new ReviewFile(new SealedLog(_data, "reviews", new byte[32])), _sent, _time, NullLogger.Instance);
        desk.Load();
        return desk;
    }

    private sealed class Sent : ILinkSender
    {
        private readonly Queue<AgentMessage> _messages = new();

        public bool IsConnected { get; set; } = true;

        public bool TrySend(AgentMessage message)
        {
            if (IsConnected)
                _messages.Enqueue(message);
            return IsConnected;
        }

        public AgentMessage Take() => _messages.Dequeue();

        public void Clear() => _messages.Clear();
    }
}
