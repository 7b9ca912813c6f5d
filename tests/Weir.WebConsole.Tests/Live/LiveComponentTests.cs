using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Areas.Reviews;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Live;

public sealed class LiveComponentTests : ConsoleTest
{
    [Fact]
    public async Task An_answer_that_comes_late_never_takes_the_place_of_what_was_asked_for_later()
    {
        var second = Sample.Review with { Id = Guid.CreateVersion7(), Statement = "DELETE FROM the_second" };
        var late = new TaskCompletionSource<ReviewView>();
        SignIn(Sample.Reviewer).OnAsync<GetReview.Query, ReviewView>((q, _) => q.ReviewId == second.Id ? Task.FromResult(second) : late.Task);
        var page = Render<ReviewPage>((nameof(ReviewPage.Id), Sample.Review.Id));
        TextOf(page).ShouldContain("Loading…");

        var rendered = page.InvokeAsync(() => page.Render(p => p.Add(r => r.Id, second.Id)));
        late.SetResult(Sample.Review);
        await rendered;
        WaitForText(page, "DELETE FROM the_second");
        TextOf(page).ShouldNotContain("DELETE FROM orders");
    }

    [Fact]
    public async Task A_load_that_fails_keeps_what_was_there_and_the_next_change_tries_again()
    {
        SignIn(Sample.Reviewer).On<GetReview.Query, ReviewView>(_ => Sample.Review);
        var page = Render<ReviewPage>((nameof(ReviewPage.Id), Sample.Review.Id));
        await Mediator.WatchedAsync();

        Mediator.On<GetReview.Query, ReviewView>(_ => throw new TimeoutException("the database is away"));
        Mediator.Change(ConsoleSubject.Reviews, Sample.Review.Id);
        WaitForText(page, "Something failed; nothing was changed.");
        TextOf(page).ShouldContain("DELETE FROM orders");
        page.Markup.ShouldNotContain("the database is away");

        Mediator.On<GetReview.Query, ReviewView>(_ => Sample.Review with { Status = "expired", MayDecide = false });
        Mediator.Change(ConsoleSubject.Everything);
        WaitForText(page, "expired");
        page.FindAll("[role=alert]").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_double_click_decides_once()
    {
        var decided = new TaskCompletionSource<ReviewView>();
        SignIn(Sample.Reviewer).On<GetReview.Query, ReviewView>(_ => Sample.Review).OnAsync<ApproveReview.Command, ReviewView>((_, _) => decided.Task);
        var page = Render<ReviewPage>((nameof(ReviewPage.Id), Sample.Review.Id));
        var first = PressAsync(page, "Approve");
        var again = PressAsync(page, "Approve");
        decided.SetException(new ConflictException("A review that is expired can't be approved."));
        await Task.WhenAll(first, again);
        Mediator.Sent<ApproveReview.Command>().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_leaves_while_something_loads_takes_nothing_down()
    {
        SignIn(Sample.Reviewer).OnAsync<GetReview.Query, ReviewView>(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return Sample.Review;
        });
        var page = Render<ReviewPage>((nameof(ReviewPage.Id), Sample.Review.Id));
        await page.InvokeAsync(() => page.Instance.DisposeAsync().AsTask());
        Log.Entries.ShouldNotContain(e => e.Exception != null);
    }
}
