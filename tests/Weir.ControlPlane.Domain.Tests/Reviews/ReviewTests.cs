using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Domain.Tests.Reviews;

public sealed class ReviewTests
{
    private static readonly DateTimeOffset _later = Samples.Now.AddMinutes(1);

    [Fact]
    public void A_new_review_is_open_and_waited_for_until_its_time_is_over()
    {
        var review = Samples.Review();

        review.Status.ShouldBe(ReviewStatus.Open);
        review.IsWaiting.ShouldBeTrue();
        review.ExpiresAt.ShouldBe(Samples.Now.AddMinutes(15));
    }

    [Fact]
    public void One_approval_is_enough_where_one_is_needed_and_stays_usable_as_long_again()
    {
        var review = Samples.Review(rowsChanged: new Dictionary<string, long> { ["a"] = 3, ["b"] = 4 });

        review.Approve(Samples.Approver(), "fine", _later);

        review.Status.ShouldBe(ReviewStatus.Approved);
        review.DecidedBy.ShouldBe("reviewer@example.org");
        review.Comment.ShouldBe("fine");
        review.ExpiresAt.ShouldBe(_later.AddMinutes(15));
        review.ApprovedRows.ShouldBe(7);
    }

    [Fact]
    public void An_approval_without_a_dry_run_waives_no_budget()
    {
        var review = Samples.Review();
        review.Approve(Samples.Approver(), null, _later);
        review.ApprovedRows.ShouldBeNull();
    }

    [Fact]
    public void Two_approvals_come_from_two_people()
    {
        var review = Samples.Review(approvals: 2);
        var first = Samples.Approver();
        review.Approve(first, null, _later);

        review.Status.ShouldBe(ReviewStatus.Open);
        Should.Throw<ApprovalRefusedException>(() => review.Approve(first, null, _later));
        review.Status.ShouldBe(ReviewStatus.Open);

        review.Approve(Samples.Approver(), null, _later);
        review.Status.ShouldBe(ReviewStatus.Approved);
    }

    [Fact]
    public void Nobody_decides_about_their_own_statement()
    {
        var author = Samples.User();
        var review = Samples.Review(author);

        Should.Throw<ApprovalRefusedException>(() => review.Approve(Samples.ApproverOf(author), null, _later));
        Should.Throw<ApprovalRefusedException>(() => review.Reject(Samples.ApproverOf(author), null, _later));
        review.Status.ShouldBe(ReviewStatus.Open);
        review.Approvals.ShouldBeEmpty();
    }

    [Fact]
    public void A_user_does_not_decide_about_the_statements_of_the_ai_agent_that_acts_for_them()
    {
        var user = Samples.User();
        var review = Samples.Review(Samples.AiAgent(user));

        Should.Throw<ApprovalRefusedException>(() => review.Approve(Samples.ApproverOf(user), null, _later));
        Should.Throw<ApprovalRefusedException>(() => review.Reject(Samples.ApproverOf(user), null, _later));
    }

    [Theory]
    [InlineData(PrincipalKind.AiAgent)]
    [InlineData(PrincipalKind.ServiceAccount)]
    public void A_machine_decides_about_nothing(PrincipalKind kind) =>
        Should.Throw<ApprovalRefusedException>(() => Samples.Review().Approve(Samples.Approver(kind: kind), null, _later));

    [Fact]
    public void Only_members_of_the_named_groups_decide()
    {
        var review = Samples.Review();
        Should.Throw<ApprovalRefusedException>(() => review.Approve(Samples.Approver("engineers"), null, _later)).Message.ShouldContain("dba");
    }

    [Fact]
    public void A_rejected_review_is_over()
    {
        var review = Samples.Review();
        review.Reject(Samples.Approver(), "not today", _later);

        review.Status.ShouldBe(ReviewStatus.Rejected);
        review.IsWaiting.ShouldBeFalse();
        RefusesEverythingButReading(review, "rejected");
    }

    [Fact]
    public void The_author_or_the_user_acted_for_withdraws_and_nobody_else()
    {
        var user = Samples.User();
        var review = Samples.Review(Samples.AiAgent(user));
        Should.Throw<ApprovalRefusedException>(() => review.Withdraw(Samples.Approver("none"), false, _later));

        review.Withdraw(Samples.ApproverOf(user), false, _later);

        review.Status.ShouldBe(ReviewStatus.Withdrawn);
        RefusesEverythingButReading(review, "withdrawn");
    }

    [Fact]
    public void Nothing_is_decided_at_or_after_expiry_even_before_the_sweep_has_run()
    {
        var review = Samples.Review();
        var due = review.ExpiresAt;

        Should.Throw<IllegalTransitionException>(() => review.Approve(Samples.Approver(), null, due)).State.ShouldBe("expired");
        Should.Throw<IllegalTransitionException>(() => review.Reject(Samples.Approver(), null, due));
        Should.Throw<IllegalTransitionException>(() => review.Withdraw(Own(review), false, due));
    }

    [Fact]
    public void It_expires_when_it_is_due_and_not_before()
    {
        var review = Samples.Review();
        Should.Throw<IllegalTransitionException>(() => review.Expire(review.ExpiresAt.AddTicks(-1)));

        review.Expire(review.ExpiresAt);

        review.Status.ShouldBe(ReviewStatus.Expired);
        review.IsWaiting.ShouldBeFalse();
        RefusesEverythingButReading(review, "expired");
    }

    [Fact]
    public void An_approval_that_nobody_used_expires()
    {
        var review = Samples.Review();
        review.Approve(Samples.Approver(), null, _later);

        review.Expire(review.ExpiresAt);

        review.Status.ShouldBe(ReviewStatus.Expired);
        review.DecidedAt.ShouldBe(_later);
    }

    [Fact]
    public void An_approval_is_used_once()
    {
        var review = Samples.Review();
        review.Approve(Samples.Approver(), null, _later);
        review.Consume(forwarded: true, _later.AddSeconds(1));
        review.Consume(forwarded: false, _later.AddSeconds(2));

        review.Status.ShouldBe(ReviewStatus.Consumed);
        review.WasForwarded.ShouldBe(true);
        review.ConsumedAt.ShouldBe(_later.AddSeconds(1));
        Should.Throw<IllegalTransitionException>(() => review.Expire(_later.AddDays(1)));
        Should.Throw<IllegalTransitionException>(() => review.Approve(Samples.Approver(), null, _later));
    }

    [Fact]
    public void What_was_never_approved_can_not_be_used() =>
        Should.Throw<IllegalTransitionException>(() => Samples.Review().Consume(true, _later)).State.ShouldBe("open");

    [Fact]
    public void A_late_report_of_use_is_kept_although_the_approval_lapsed_here_meanwhile()
    {
        var review = Samples.Review();
        review.Approve(Samples.Approver(), null, _later);
        review.Expire(review.ExpiresAt);

        review.Consume(forwarded: true, review.ExpiresAt.AddSeconds(5));

        review.Status.ShouldBe(ReviewStatus.Consumed);
    }

    [Fact]
    public void An_abandoned_review_stays_open_and_can_be_joined_again()
    {
        var review = Samples.Review();
        review.Abandon();
        review.Status.ShouldBe(ReviewStatus.Open);
        review.IsWaiting.ShouldBeFalse();

        review.Join();
        review.IsWaiting.ShouldBeTrue();
    }

    [Fact]
    public void Nobody_waits_for_a_review_that_is_over()
    {
        var review = Samples.Review();
        review.Reject(Samples.Approver(), null, _later);
        review.Join();
        review.IsWaiting.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(1, 0)]
    public void Rules_that_would_approve_by_themselves_or_never_wait_are_refused(int approvals, int seconds) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new Review(
            Samples.Organization, ReviewId.New(_later), Samples.Agent().Id, Samples.User(), Samples.Held(), new ReviewRules(["dba"], approvals, TimeSpan.FromSeconds(seconds)), _later));

    [Fact]
    public void A_shape_that_is_approved_for_a_while_is_never_used_up_and_ends_by_the_clock()
    {
        var review = Samples.Review(shape: Samples.Shape(1));
        review.Approve(Samples.Approver(), null, _later, TimeSpan.FromMinutes(30));
        review.WindowUntil.ShouldBe(_later.AddMinutes(30));
        review.ExpiresAt.ShouldBe(_later.AddMinutes(30));
        Should.Throw<IllegalTransitionException>(() => review.Consume(true, _later));
        review.Expire(_later.AddMinutes(30));
        review.Status.ShouldBe(ReviewStatus.Expired);
    }

    [Fact]
    public void Only_as_long_as_the_rules_allow_and_not_at_all_where_a_value_decides()
    {
        Should.Throw<ApprovalRefusedException>(() => Samples.Review(shape: Samples.Shape(1)).Approve(Samples.Approver(), null, _later, TimeSpan.FromHours(1).Add(TimeSpan.FromSeconds(1))));
        Should.Throw<ApprovalRefusedException>(() => Samples.Review(shape: Samples.Shape(1)).Approve(Samples.Approver(), null, _later, TimeSpan.Zero));
        Should.Throw<ApprovalRefusedException>(() => Samples.Review().Approve(Samples.Approver(), null, _later, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Of_several_approvals_the_narrowest_counts()
    {
        var review = Samples.Review(approvals: 2, shape: Samples.Shape(1));
        review.Approve(Samples.Approver(), null, _later, TimeSpan.FromMinutes(30));
        review.Approve(Samples.Approver(), null, _later, TimeSpan.FromMinutes(10));
        review.WindowUntil.ShouldBe(_later.AddMinutes(10));

        var once = Samples.Review(approvals: 2, shape: Samples.Shape(1));
        once.Approve(Samples.Approver(), null, _later, TimeSpan.FromMinutes(30));
        once.Approve(Samples.Approver(), null, _later);
        once.WindowUntil.ShouldBeNull();
    }

    [Fact]
    public void A_window_covers_the_same_shape_of_the_same_principal_and_waives_no_budget_for_it()
    {
        var user = Samples.User();
        var agent = Samples.Agent().Id;
        var window = Samples.Review(user, rowsChanged: new Dictionary<string, long> { ["t"] = 5 }, shape: Samples.Shape(1), agent: agent);
        var same = Samples.Review(user, rowsChanged: new Dictionary<string, long> { ["t"] = 9 }, shape: Samples.Shape(1), agent: agent);
        window.Covers(same, _later).ShouldBeFalse();
        window.Approve(Samples.Approver(), null, _later, TimeSpan.FromMinutes(30));
        window.Covers(same, _later).ShouldBeTrue();
        window.Covers(same, _later.AddMinutes(30)).ShouldBeFalse();
        window.Covers(Samples.Review(user, shape: Samples.Shape(2), agent: agent), _later).ShouldBeFalse();
        window.Covers(Samples.Review(Samples.User("other@example.org"), shape: Samples.Shape(1), agent: agent), _later).ShouldBeFalse();
        window.Covers(Samples.Review(user, agent: agent), _later).ShouldBeFalse();

        same.ApproveUnder(window, _later);
        (same.Status, same.CoveredBy, same.ApprovedRows, same.ExpiresAt, same.WindowUntil).ShouldBe((ReviewStatus.Approved, window.Id, null, _later.AddMinutes(30), null));
        same.Consume(true, _later);
    }

    [Fact]
    public void An_approval_that_holds_is_withdrawn_by_reviewers_administrators_and_the_author_and_nobody_else()
    {
        var user = Samples.User();
        Should.Throw<ApprovalRefusedException>(() => Approved().Withdraw(Samples.Approver("engineers"), false, _later));
        Should.Throw<ApprovalRefusedException>(() => Approved().Withdraw(Samples.Approver("dba", PrincipalKind.AiAgent), false, _later));
        Withdrawn(Samples.Approver(), false);
        Withdrawn(Samples.Approver("engineers"), true);
        Withdrawn(Samples.ApproverOf(user), false);
        Should.Throw<IllegalTransitionException>(() => Approved().Withdraw(Samples.Approver(), false, _later.AddMinutes(30)));

        Review Approved()
        {
            var review = Samples.Review(user, shape: Samples.Shape(1));
            review.Approve(Samples.Approver(), null, _later, TimeSpan.FromMinutes(30));
            return review;
        }

        void Withdrawn(Approver by, bool isAdministrator)
        {
            var review = Approved();
            review.Withdraw(by, isAdministrator, _later);
            review.Status.ShouldBe(ReviewStatus.Withdrawn);
        }
    }

    private static Approver Own(Review review) => new(review.PrincipalId, "dev", PrincipalKind.User, []);

    private static void RefusesEverythingButReading(Review review, string state)
    {
        Should.Throw<IllegalTransitionException>(() => review.Approve(Samples.Approver(), null, _later)).State.ShouldBe(state);
        Should.Throw<IllegalTransitionException>(() => review.Reject(Samples.Approver(), null, _later));
        Should.Throw<IllegalTransitionException>(() => review.Withdraw(Own(review), false, _later));
        Should.Throw<IllegalTransitionException>(() => review.Expire(Samples.Now.AddDays(1)));
        Should.Throw<IllegalTransitionException>(() => review.Consume(true, _later));
    }
}
