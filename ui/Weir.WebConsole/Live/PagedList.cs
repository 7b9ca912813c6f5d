using Weir.ControlPlane.Application;

namespace Weir.WebConsole.Live;

/// <summary>A list that grows by "Load more". Loading it again keeps as much as was shown, so that nobody loses their place.</summary>
/// <param name="fetch">Gets the page after a position (null for the first) of at most so many.</param>
public sealed class PagedList<T>(Func<string?, int, CancellationToken, Task<Page<T>>> fetch)
{
    private const int PageSize = 50;

    private string? _next;

    public IReadOnlyList<T> Items { get; private set; } = [];

    public bool HasMore => _next is not null;

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var wanted = Math.Max(Items.Count, PageSize);
        var items = new List<T>();
        string? next = null;
        do
        {
            var page = await fetch(next, Math.Min(wanted - items.Count, PageLimits.Max), cancellationToken);
            items.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null && items.Count < wanted);
        (Items, _next) = (items, next);
    }

    public async Task LoadMoreAsync(CancellationToken cancellationToken)
    {
        if (_next is not null)
        {
            var page = await fetch(_next, PageSize, cancellationToken);
            (Items, _next) = ([.. Items, .. page.Items], page.Next);
        }
    }

    /// <summary>Other filters: begin at the top.</summary>
    public void Clear() => (Items, _next) = ([], null);
}
