using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Areas.Reviews;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Reviews;

public sealed class ReviewPageTests : ConsoleTest
{
    [Fact]
    public void A_reviewer_sees_the_whole_statement_why_it_is_held_and_what_it_would_do()
    {
        var text = TextOf(Open(Sample.Reviewer, Sample.Review));
        text.ShouldContain("DELETE FROM orders");
        text.ShouldContain("unbounded-writes");
        text.ShouldContain("This changes every row of a table.");
        text.ShouldContain("1,204 rows");
        text.ShouldContain("public.orders.credit_card");
        text.ShouldContain("in 13 min");
        text.ShouldContain("OPS-7");
    }

    [Fact]
    public void A_reviewer_sees_some_rows_as_they_were_and_as_they_would_become()
    {
        var sample = new Weir.ControlPlane.Domain.Reviews.SampleRows("public.orders", ["id", "note"], [["17", null]], [["17", "<late>"]]);
        var page = Open(Sample.Reviewer, Sample.Review with { Samples = [sample] });
        var rows = page.FindAll("table tbody tr").Select(r => string.Join('|', r.Children.Select(c => c.TextContent.Trim())));
        rows.ShouldBe(["before|17|NULL", "after|17|<late>"]);
        TextOf(page).ShouldContain("Some rows of public.orders, masked");
    }

    [Fact]
    public async Task Approval_is_sent_with_its_comment()
    {
        var page = Open(Sample.Reviewer, Sample.Review);
        Mediator.On<ApproveReview.Command, ReviewView>(_ => Sample.Review);
        await page.Find("textarea").InputAsync(new() { Value = " looks right " });
        await PressAsync(page, "Approve");
        Mediator.Sent<ApproveReview.Command>().ShouldBe([new ApproveReview.Command(Sample.Review.Id, "looks right")]);
    }

    [Fact]
    public async Task A_shape_can_be_approved_for_as_long_as_the_rules_allow_and_is_shown_before()
    {
        var page = Open(Sample.Reviewer, Sample.Review with { Shape = "DELETE FROM orders WHERE id = ?", MaxWindow = TimeSpan.FromMinutes(45) });
        Mediator.On<ApproveReview.Command, ReviewView>(_ => Sample.Review);
        page.FindAll("select option").Select(o => o.GetAttribute("value")).ShouldBe(["0", "5", "15", "30", "45"]);
        TextOf(page).ShouldNotContain("WHERE id = ?");
        await page.Find("select").ChangeAsync(new() { Value = "30" });
        TextOf(page).ShouldContain("DELETE FROM orders WHERE id = ?");
        await PressAsync(page, "Approve");
        Mediator.Sent<ApproveReview.Command>().ShouldBe([new ApproveReview.Command(Sample.Review.Id, null, TimeSpan.FromMinutes(30))]);
    }

    [Fact]
    public void A_statement_that_can_only_be_approved_once_offers_nothing_else() => Open(Sample.Reviewer, Sample.Review).FindAll("select").ShouldBeEmpty();

    [Fact]
    public async Task A_window_shows_what_passed_under_it_and_is_withdrawn()
    {
        var approved = Sample.Review with
        {
            Status = "approved",
            MayDecide = false,
            MayWithdraw = true,
            Shape = "DELETE FROM orders WHERE id = ?",
            WindowUntil = Sample.Now.AddMinutes(20),
            ExpiresAt = Sample.Now.AddMinutes(20),
        };
        var page = Open(Sample.Reviewer, approved, new ListReviewUses.Use("x:4", Guid.NewGuid(), 4, Sample.Now, "DELETE FROM orders WHERE id = 4", "ok", 1));
        Mediator.On<WithdrawReview.Command, ReviewView>(_ => approved with { Status = "withdrawn" });
        TextOf(page).ShouldContain("DELETE FROM orders WHERE id = 4");
        await PressAsync(page, "Withdraw the approval");
        await PressAsync(page, "Withdraw");
        Mediator.Sent<WithdrawReview.Command>().ShouldBe([new WithdrawReview.Command(approved.Id)]);
    }

    [Fact]
    public async Task Rejection_is_sent_and_the_page_shows_the_outcome()
    {
        var page = Open(Sample.Reviewer, Sample.Review);
        var rejected = Sample.Review with { Status = "rejected", DecidedBy = "dba@example.com", DecidedAt = Sample.Now, MayDecide = false };
        Mediator.On<RejectReview.Command, ReviewView>(_ => rejected).On<GetReview.Query, ReviewView>(_ => rejected);
        await PressAsync(page, "Reject");
        Mediator.Sent<RejectReview.Command>().ShouldBe([new RejectReview.Command(Sample.Review.Id)]);
        Buttons(page, "Approve").ShouldBeEmpty();
        TextOf(page).ShouldContain("rejected by dba@example.com");
    }

    [Fact]
    public void Ones_own_review_has_no_button_to_approve_and_says_why()
    {
        var page = Open(Sample.Developer, Sample.Review with { MayDecide = false });
        Buttons(page, "Approve").ShouldBeEmpty();
        Buttons(page, "Reject").ShouldBeEmpty();
        TextOf(page).ShouldContain("This is your own statement: somebody else has to decide about it.");
    }

    [Fact]
    public void Who_has_approved_already_is_told_that_more_people_are_needed()
    {
        var page = Open(Sample.Reviewer, Sample.Review with
        {
            MayDecide = false,
            ApprovalsNeeded = 2,
            Approvals = [new ApprovalView(Sample.Reviewer.Name, Sample.Now, null)],
        });
        Buttons(page, "Approve").ShouldBeEmpty();
        TextOf(page).ShouldContain("It needs more people.");
    }

    [Fact]
    public void Who_is_in_none_of_the_groups_is_told_which_they_are()
    {
        TextOf(Open(Sample.Auditor, Sample.Review with { MayDecide = false })).ShouldContain("Members of dba decide about it.");
    }

    [Fact]
    public async Task An_approval_that_comes_too_late_is_told_as_such()
    {
        var page = Open(Sample.Reviewer, Sample.Review);
        Mediator.On<ApproveReview.Command, ReviewView>(_ => throw new ConflictException("A review that is expired can't be approved."));
        await PressAsync(page, "Approve");
        page.Find("[role=alert]").TextContent.ShouldContain("A review that is expired can't be approved.");
    }

    [Fact]
    public void A_statement_is_text_and_never_markup()
    {
        const string Hostile = "SELECT '<script>alert(1)</script><img src=x onerror=alert(2)>'";
        var page = Open(Sample.Reviewer, Sample.Review with { Statement = Hostile, Parameters = ["<b>7</b>"], Context = new Dictionary<string, string> { ["<i>k</i>"] = "<u>v</u>" } });
        page.FindAll("script, img, b, i, u").ShouldBeEmpty();
        page.Find("pre code").TextContent.ShouldBe(Hostile);
        TextOf(page).ShouldContain("<b>7</b>");
    }

    [Fact]
    public async Task A_decision_made_elsewhere_shows_up_by_itself()
    {
        var page = Open(Sample.Reviewer, Sample.Review);
        await Mediator.WatchedAsync();
        Mediator.On<GetReview.Query, ReviewView>(_ => Sample.Review with { Status = "approved", MayDecide = false, DecidedBy = "second-dba@example.com" });
        Mediator.Change(ConsoleSubject.Reviews, Sample.Review.Id);
        WaitForText(page, "approved by second-dba@example.com");
        Buttons(page, "Approve").ShouldBeEmpty();
    }

    [Fact]
    public async Task Changes_of_other_reviews_load_nothing()
    {
        var page = Open(Sample.Reviewer, Sample.Review);
        await Mediator.WatchedAsync();
        Mediator.Change(ConsoleSubject.Reviews, Guid.CreateVersion7());
        Mediator.Change(ConsoleSubject.Sessions, Sample.Review.Id);

        // What comes after them has been seen, so they have been, too.
        Mediator.Change(ConsoleSubject.Reviews, Sample.Review.Id);
        page.WaitForAssertion(() => Mediator.Sent<GetReview.Query>().Count.ShouldBe(2), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_review_that_may_not_be_seen_is_not_there()
    {
        SignIn(Sample.Developer).On<GetReview.Query, ReviewView>(q => throw new NotFoundException("review", q.ReviewId.ToString()));
        var page = Render<ReviewPage>((nameof(ReviewPage.Id), Sample.Review.Id));
        page.Find("[role=alert]").TextContent.ShouldContain("There is no review");
    }

    private IRenderedComponent<ReviewPage> Open(Actor actor, ReviewView review, params ListReviewUses.Use[] uses)
    {
        SignIn(actor).On<GetReview.Query, ReviewView>(_ => review).On<ListReviewUses.Query, Page<ListReviewUses.Use>>(_ => Sample.PageOf(uses));
        return Render<ReviewPage>((nameof(ReviewPage.Id), review.Id));
    }
}
