using System.Globalization;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Layout;

/// <summary>Where to go, and where somebody waits for an answer.</summary>
public sealed partial class NavMenu
{
    private const int CountUpTo = 99;

    private string? _requests;
    private string? _reviews;

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Reviews or ConsoleSubject.AccessRequests;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _requests = Count(await Mediator.SendAsync(new ListAccessRequests.Query(Limit: CountUpTo), cancellationToken));
        _reviews = Count(await Mediator.SendAsync(new ListReviews.Query(Limit: CountUpTo), cancellationToken));
    }

    private static string? Count<T>(Page<T> page) => page switch
    {
        { Next: not null } => $"{CountUpTo}+",
        { Items.Count: 0 } => null,
        _ => page.Items.Count.ToString(CultureInfo.InvariantCulture),
    };
}
