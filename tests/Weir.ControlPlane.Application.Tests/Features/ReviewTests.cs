using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Tests.Support;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class ReviewTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task A_held_statement_is_shown_to_its_reviewers_with_everything_they_need()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var opened = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        opened.Status.ShouldBe(ReviewStatus.Open);
        opened.Url.ShouldBe($"https://weir.example/reviews/{opened.ReviewId}");

        var shown = (await weir.SendAsync(o.Dba, new ListReviews.Query())).Items.ShouldHaveSingleItem();

        shown.Id.ShouldBe(opened.ReviewId);
        shown.Status.ShouldBe("open");
        shown.Principal.ShouldBe("dev@weir.example");
        shown.Statement.ShouldBe("DELETE FROM orders");
        shown.Reasons.ShouldHaveSingleItem().Rule.ShouldBe("unbounded-writes");
        shown.RowsChanged.ShouldNotBeNull()["public.orders"].ShouldBe(1500);
        shown.Context["ticket"].ShouldBe("T-7");
        shown.Waiting.ShouldBeTrue();
        shown.MayDecide.ShouldBeTrue();
    }

    [Fact]
    public async Task An_approval_is_told_to_the_agent_used_once_and_then_over()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var opened = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));

        (await weir.SendAsync(o.Dba, new ApproveReview.Command(opened.ReviewId, "go"))).Status.ShouldBe("approved");

        var told = (await weir.SendAsync(o.Agent, new ListReviewUpdates.Query([opened.ReviewId]))).Updates.ShouldHaveSingleItem();
        told.Status.ShouldBe(ReviewStatus.Approved);
        told.Binding.ToArray().ShouldBe(SampleReviews.Binding);
        told.ApprovedRows.ShouldBe(1500);
        told.DecidedBy.ShouldBe("dba@weir.example");
        await weir.SendAsync(o.Agent, new ConsumeReviews.Command([new(opened.ReviewId, true)]));
        await weir.SendAsync(o.Agent, new ConsumeReviews.Command([new(opened.ReviewId, true)]));
        (await weir.SendAsync(o.Dba, new GetReview.Query(opened.ReviewId))).Status.ShouldBe("consumed");
        (await weir.SendAsync(o.Agent, new ListReviewUpdates.Query())).Updates.ShouldBeEmpty();
        (await weir.Database.QueryAsync<long>("SELECT count(*) FROM audit_events WHERE action = 'review.consume'"))[0].ShouldBe(1);
    }

    [Fact]
    public async Task What_was_never_approved_is_not_consumed()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var opened = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        var other = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await weir.SendAsync(o.Dba, new ApproveReview.Command(other.ReviewId));
        var nobodys = Guid.NewGuid();
        (await weir.SendAsync(o.Agent, new ConsumeReviews.Command([new(opened.ReviewId, true), new(other.ReviewId, true), new(nobodys, true)]))).Ignored.ShouldBe([opened.ReviewId, nobodys]);
        (await weir.SendAsync(o.Dba, new GetReview.Query(opened.ReviewId))).Status.ShouldBe("open");
        (await weir.SendAsync(o.Dba, new GetReview.Query(other.ReviewId))).Status.ShouldBe("consumed");
    }

    [Fact]
    public async Task A_rejection_carries_its_comment_to_the_agent()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var opened = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));

        await weir.SendAsync(o.Dba, new RejectReview.Command(opened.ReviewId, "use a WHERE"));

        var told = (await weir.SendAsync(o.Agent, new ListReviewUpdates.Query([opened.ReviewId]))).Updates.ShouldHaveSingleItem();
        told.Status.ShouldBe(ReviewStatus.Rejected);
        told.Comment.ShouldBe("use a WHERE");
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dba, new ApproveReview.Command(opened.ReviewId)));
    }

    [Fact]
    public async Task Nobody_approves_their_own_statement_or_that_of_their_ai_agent()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var own = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dba));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dba, new ApproveReview.Command(own.ReviewId)));

        var assistants = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Assistant, "engineers"));
        (await weir.SendAsync(o.Dev, new GetReview.Query(assistants.ReviewId))).MayDecide.ShouldBeFalse();
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dev, new ApproveReview.Command(assistants.ReviewId)));
    }

    [Fact]
    public async Task An_ai_agent_in_the_group_of_reviewers_decides_nothing()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        await weir.SendAsync(o.Admin, new Application.Features.Principals.SetGroups.Command(o.Assistant.Id!.Value, ["dba"]));
        var assistant = await weir.SignInAsync(o.Tokens["assistant"]);
        var opened = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Support));

        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(assistant, new ApproveReview.Command(opened.ReviewId)));
    }

    [Fact]
    public async Task An_abandoned_review_stays_open_and_the_same_statement_joins_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var record = SampleReviews.Record(o.Dev);
        await weir.SendAsync(o.Agent, record);
        await weir.SendAsync(o.Agent, new AbandonReview.Command(record.ReviewId));
        var shown = await weir.SendAsync(o.Dba, new GetReview.Query(record.ReviewId));
        (shown.Status, shown.Waiting).ShouldBe(("open", false));

        (await weir.SendAsync(o.Agent, record)).Status.ShouldBe(ReviewStatus.Open);
        (await weir.SendAsync(o.Dba, new GetReview.Query(record.ReviewId))).Waiting.ShouldBeTrue();
        (await weir.SendAsync(o.Dba, new ListReviews.Query())).Items.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_id_of_a_review_can_not_be_used_for_another_statement()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var record = SampleReviews.Record(o.Dev);
        await weir.SendAsync(o.Agent, record);
        var other = record with { Held = record.Held with { Binding = new byte[32] } };
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Agent, other));
    }

    [Fact]
    public async Task It_expires_and_so_does_an_approval_that_nobody_used()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var open = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        var approved = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await weir.SendAsync(o.Dba, new ApproveReview.Command(approved.ReviewId));
        weir.Time.Advance(TimeSpan.FromMinutes(15));

        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dba, new ApproveReview.Command(open.ReviewId)));
        (await weir.SendAsync(o.Agent, new ListReviewUpdates.Query([approved.ReviewId]))).Updates[0].Status.ShouldBe(ReviewStatus.Expired);
        (await weir.SendAsync(o.Dba, new ListReviews.Query())).Items.ShouldBeEmpty();

        (await weir.SendAsync(Actor.SystemOf(o.Id), new ExpireOverdue.Command())).Reviews.ShouldBe(2);
        (await weir.SendAsync(o.Dba, new ListReviews.Query(All: true))).Items.ShouldAllBe(r => r.Status == "expired");
    }

    [Fact]
    public async Task Its_author_withdraws_it_and_outsiders_do_not_see_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var opened = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Assistant));

        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new GetReview.Query(opened.ReviewId)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new WithdrawReview.Command(opened.ReviewId)));
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dba, new WithdrawReview.Command(opened.ReviewId)));
        (await weir.SendAsync(o.Dev, new WithdrawReview.Command(opened.ReviewId))).Status.ShouldBe("withdrawn");
    }

    [Fact]
    public async Task A_parameter_with_a_nul_character_can_be_reviewed_all_the_same()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var record = SampleReviews.Record(o.Dev);
        var opened = await weir.SendAsync(o.Agent, record with { Held = record.Held with { Parameters = ["a\0b"], Text = "SELECT '\0'" } });
        (await weir.SendAsync(o.Dba, new GetReview.Query(opened.ReviewId))).Parameters.ShouldBe(["a\uFFFDb"]);
    }

    [Fact]
    public async Task Another_agent_neither_hears_of_a_review_nor_touches_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var token = await weir.SendAsync(o.Admin, new Application.Features.Agents.CreateEnrollmentToken.Command("second"));
        var second = await weir.EnrollAsync(token.Token, "second");
        var record = SampleReviews.Record(o.Dev);
        await weir.SendAsync(o.Agent, record);

        (await weir.SendAsync(second, new ListReviewUpdates.Query())).Updates.ShouldBeEmpty();
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(second, new AbandonReview.Command(record.ReviewId)));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(second, record));
    }

    [Fact]
    public async Task Pages_hold_every_review_once()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        for (var i = 0; i < 5; i++)
        {
            await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        }

        await Paging.HoldsEveryItemOnce(5, r => r.Id, (after, limit) => weir.SendAsync(o.Dba, new ListReviews.Query(false, after, limit)));
    }

    [Fact]
    public async Task One_approval_of_a_shape_decides_what_a_pool_has_asked_already_and_what_it_asks_within_the_window()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var first = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev));
        var second = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev));
        var others = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Support));
        var shape = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev, 2));
        var shown = await weir.SendAsync(o.Dba, new GetReview.Query(first.ReviewId));
        (shown.Shape, shown.MaxWindow).ShouldBe(("DELETE FROM orders WHERE id = ?", TimeSpan.FromHours(1)));

        var approved = await weir.SendAsync(o.Dba, new ApproveReview.Command(first.ReviewId, "nightly clean-up", TimeSpan.FromMinutes(30)));
        approved.WindowUntil.ShouldBe(weir.Time.GetUtcNow().AddMinutes(30));
        var told = (await weir.SendAsync(o.Agent, new ListReviewUpdates.Query([first.ReviewId]))).Updates.ShouldHaveSingleItem();
        (told.WindowUntil, told.ExpiresAt).ShouldBe((approved.WindowUntil, approved.WindowUntil!.Value));
        told.ShapeBinding.ToArray().ShouldBe(Enumerable.Repeat((byte)1, 32));

        var covered = await weir.SendAsync(o.Dba, new GetReview.Query(second.ReviewId));
        (covered.Status, covered.CoveredBy, covered.WindowUntil).ShouldBe(("approved", first.ReviewId, null));
        (await weir.SendAsync(o.Dba, new GetReview.Query(others.ReviewId))).Status.ShouldBe("open");
        (await weir.SendAsync(o.Dba, new GetReview.Query(shape.ReviewId))).Status.ShouldBe("open");

        var late = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev));
        (late.Status, late.ApprovedRows).ShouldBe((ReviewStatus.Approved, null));
        weir.Time.Advance(TimeSpan.FromMinutes(30));
        (await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev))).Status.ShouldBe(ReviewStatus.Open);
    }

    [Fact]
    public async Task A_window_that_is_withdrawn_takes_what_it_covered_with_it_and_the_agent_hears_of_it_also_after_a_reconnect()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var window = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev));
        var covered = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev));
        await weir.SendAsync(o.Dba, new ApproveReview.Command(window.ReviewId, null, TimeSpan.FromMinutes(30)));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new WithdrawReview.Command(window.ReviewId)));
        (await weir.SendAsync(o.Dba, new GetReview.Query(window.ReviewId))).MayWithdraw.ShouldBeTrue();

        (await weir.SendAsync(o.Dba, new WithdrawReview.Command(window.ReviewId))).Status.ShouldBe("withdrawn");

        (await weir.SendAsync(o.Dba, new GetReview.Query(covered.ReviewId))).Status.ShouldBe("withdrawn");
        (await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev))).Status.ShouldBe(ReviewStatus.Open);
        var caughtUp = (await weir.SendAsync(o.Agent, new ListReviewUpdates.Query())).Updates;
        caughtUp.Where(u => u.ReviewId == window.ReviewId || u.ReviewId == covered.ReviewId).Select(u => u.Status).ShouldBe([ReviewStatus.Withdrawn, ReviewStatus.Withdrawn]);
        weir.Time.Advance(TimeSpan.FromMinutes(31));
        (await weir.SendAsync(o.Agent, new ListReviewUpdates.Query())).Updates.ShouldNotContain(u => u.ReviewId == window.ReviewId);
    }

    [Fact]
    public async Task More_than_the_rules_allow_is_refused()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var shaped = await weir.SendAsync(o.Agent, SampleReviews.Shaped(o.Dev));
        var plain = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        (await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dba, new ApproveReview.Command(shaped.ReviewId, null, TimeSpan.FromHours(2))))).Message.ShouldContain("01:00:00");
        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(o.Dba, new ApproveReview.Command(plain.ReviewId, null, TimeSpan.FromMinutes(1))));
        await Should.ThrowAsync<ValidationFailedException>(() => weir.SendAsync(o.Dba, new ApproveReview.Command(shaped.ReviewId, null, TimeSpan.Zero)));
    }

    [Fact]
    public async Task Statements_that_passed_under_a_review_are_listed_to_those_who_see_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var recording = new SampleRecording(weir, o, o.Dev).Whole();
        await weir.SendAsync(o.Agent, new Application.Features.Sessions.IngestEvents.Command(recording.Events));
        var review = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        await weir.Database.ExecuteAsync($"UPDATE session_statements SET review_id = '{review.ReviewId}' WHERE session_id = '{recording.SessionId}' AND number = 1");
        var use = (await weir.SendAsync(o.Dba, new ListReviewUses.Query(review.ReviewId))).Items.ShouldHaveSingleItem();
        (use.SessionId, use.Sequence).ShouldBe((recording.SessionId, 1));
        await Should.ThrowAsync<NotFoundException>(() => weir.SendAsync(o.Support, new ListReviewUses.Query(review.ReviewId)));
    }
}
