using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Reviews;

/// <summary>Held statements, newest first.</summary>
public sealed partial class ReviewsPage
{
    private const int ShownOfStatement = 160;

    private readonly PagedList<ReviewView> _reviews;
    private bool _all;

    public ReviewsPage() => _reviews = new((after, limit, token) => Mediator.SendAsync(new ListReviews.Query(_all, after, limit), token));

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Reviews;

    protected override Task LoadAsync(CancellationToken cancellationToken) => _reviews.LoadAsync(cancellationToken);

    private static string Pressed(bool pressed) => pressed ? "true" : "false";

    private static string Shorten(string statement) => statement.Length <= ShownOfStatement ? statement : $"{statement[..ShownOfStatement]}…";

    private Task ShowAsync(bool all)
    {
        _all = all;
        _reviews.Clear();
        return ReloadAsync();
    }
}
