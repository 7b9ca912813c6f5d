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
        Should.Throw<ApprovalRefusedException>(() => review.Withdraw(PrincipalId.New(_later), "other", _later));

        review.Withdraw(user.Id, user.Name, _later);

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
        Should.Throw<IllegalTransitionException>(() => review.Withdraw(review.PrincipalId, "dev", due));
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

    private static void RefusesEverythingButReading(Review review, string state)
    {
        Should.Throw<IllegalTransitionException>(() => review.Approve(Samples.Approver(), null, _later)).State.ShouldBe(state);
        Should.Throw<IllegalTransitionException>(() => review.Reject(Samples.Approver(), null, _later));
        Should.Throw<IllegalTransitionException>(() => review.Withdraw(review.PrincipalId, "dev", _later));
        Should.Throw<IllegalTransitionException>(() => review.Expire(Samples.Now.AddDays(1)));
        Should.Throw<IllegalTransitionException>(() => review.Consume(true, _later));
    }
}
