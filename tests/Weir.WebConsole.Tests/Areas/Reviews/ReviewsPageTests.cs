using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Areas.Reviews;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Reviews;

public sealed class ReviewsPageTests : ConsoleTest
{
    [Fact]
    public async Task A_statement_that_is_held_now_appears_without_a_reload_of_the_page()
    {
        SignIn(Sample.Reviewer).On<ListReviews.Query, Page<ReviewView>>(_ => Sample.PageOf<ReviewView>());
        var page = Render<ReviewsPage>();
        TextOf(page).ShouldContain("Nothing waits for review");

        await Mediator.WatchedAsync();
        Mediator.On<ListReviews.Query, Page<ReviewView>>(_ => Sample.PageOf(Sample.Review));
        Mediator.Change(ConsoleSubject.Reviews, Sample.Review.Id);
        WaitForText(page, "DELETE FROM orders");
        TextOf(page).ShouldContain("yours to decide");
        page.Find("tbody a").GetAttribute("href").ShouldBe($"/reviews/{Sample.Review.Id}");
    }

    [Fact]
    public async Task All_also_asks_for_those_that_are_decided()
    {
        SignIn(Sample.Reviewer).On<ListReviews.Query, Page<ReviewView>>(q => q.All ? Sample.PageOf(Sample.Review with { Status = "consumed" }) : Sample.PageOf<ReviewView>());
        var page = Render<ReviewsPage>();
        await PressAsync(page, "All");
        TextOf(page).ShouldContain("consumed");
    }

    [Fact]
    public async Task Load_more_goes_on_where_the_list_ended()
    {
        SignIn(Sample.Reviewer).On<ListReviews.Query, Page<ReviewView>>(q => q.After is null
            ? new([.. Enumerable.Range(0, q.Limit).Select(_ => Sample.Review with { Id = Guid.CreateVersion7(), Statement = "DELETE FROM a" })], "position")
            : new([Sample.Review with { Id = Guid.CreateVersion7(), Statement = "DELETE FROM b" }], null));
        var page = Render<ReviewsPage>();
        TextOf(page).ShouldNotContain("DELETE FROM b");
        await PressAsync(page, "Load more");
        Mediator.Sent<ListReviews.Query>()[^1].After.ShouldBe("position");
        TextOf(page).ShouldContain("DELETE FROM a");
        TextOf(page).ShouldContain("DELETE FROM b");
        Buttons(page, "Load more").ShouldBeEmpty();
    }
}
