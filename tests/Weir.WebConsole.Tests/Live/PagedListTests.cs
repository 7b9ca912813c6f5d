using Weir.ControlPlane.Application;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Tests.Live;

public sealed class PagedListTests
{
    private static readonly int[] All = [.. Enumerable.Range(0, 500)];

    [Fact]
    public async Task Loading_again_keeps_as_much_as_was_shown()
    {
        var limits = new List<int>();
        var list = new PagedList<int>((after, limit, _) =>
        {
            limits.Add(limit);
            var from = after is null ? 0 : int.Parse(after, System.Globalization.CultureInfo.InvariantCulture);
            return Task.FromResult(new Page<int>(All[from..(from + limit)], $"{from + limit}"));
        });
        await list.LoadAsync(Xunit.TestContext.Current.CancellationToken);
        for (var i = 0; i < 5; i++)
        {
            await list.LoadMoreAsync(Xunit.TestContext.Current.CancellationToken);
        }

        await list.LoadAsync(Xunit.TestContext.Current.CancellationToken);
        list.Items.ShouldBe(All[..300]);
        limits.ShouldAllBe(l => l <= PageLimits.Max);
        list.HasMore.ShouldBeTrue();
    }
}
