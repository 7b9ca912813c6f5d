namespace Weir.ControlPlane.Application.Tests.Support;

internal static class Paging
{
    /// <summary>Walks a list in pages of two and one, and compares with the whole.</summary>
    public static async Task HoldsEveryItemOnce<T>(int count, Func<T, object> id, Func<string?, int, Task<Page<T>>> list)
    {
        var whole = await list(null, PageLimits.Max);
        whole.Items.Count.ShouldBe(count);
        whole.Next.ShouldBeNull();
        foreach (var limit in new[] { 1, 2 })
        {
            var seen = new List<object>();
            string? after = null;
            do
            {
                var page = await list(after, limit);
                page.Items.Count.ShouldBeLessThanOrEqualTo(limit);
                seen.AddRange(page.Items.Select(id));
                seen.Count.ShouldBeLessThanOrEqualTo(count, "a page was given twice");
                after = page.Next;
            }
            while (after is not null);

            seen.ShouldBe(whole.Items.Select(id));
        }
    }
}
