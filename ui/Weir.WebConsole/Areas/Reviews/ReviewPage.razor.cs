using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Reviews;

/// <summary>One held statement, and the decision about it. Whether the person may decide is the control plane's word; this page only says why not.</summary>
public sealed partial class ReviewPage
{
    private static readonly int[] Minutes = [5, 15, 30, 60, 240, 480, 1440];

    private readonly PagedList<ListReviewUses.Use> _uses;
    private ReviewView? _review;
    private int _minutes;

    public ReviewPage() => _uses = new((after, limit, token) => Mediator.SendAsync(new ListReviewUses.Query(Id, after, limit), token));

    [Parameter]
    public Guid Id { get; set; }

    protected override object LoadKey => Id;

    private string Title => _review is null ? "Review" : $"Statement on {_review.Connection}";

    private bool IsMine => _review?.Principal == Mediator.Actor.Name;

    private string? WhyNot => _review switch
    {
        null or not { Status: "open" } => null,
        _ when IsMine => "This is your own statement: somebody else has to decide about it.",
        _ when Mediator.Actor.Kind != ActorKind.User => "Only people decide about statements.",
        { Approvals: var given } when given.Any(a => a.By == Mediator.Actor.Name) => "You have approved it. It needs more people.",
        { Reviewers: var groups } when !groups.Any(Mediator.Actor.Groups.Contains) => $"Members of {string.Join(", ", groups)} decide about it.",
        _ => "This statement was made in your name: somebody else has to decide about it.",
    };

    protected override bool Concerns(ConsoleChange change) => change.Subject is ConsoleSubject.Reviews && (change.Id is null || change.Id == Id);

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _review = await Mediator.SendAsync(new GetReview.Query(Id), cancellationToken);
        if (_review.WindowUntil is not null)
        {
            await _uses.LoadAsync(cancellationToken);
        }
    }

    /// <summary>Round times up to what the rules allow, and that itself.</summary>
    private static IEnumerable<int> WindowChoices(TimeSpan longest)
    {
        var most = (int)longest.TotalMinutes;
        return most < 1 ? [] : [.. Minutes.Where(m => m < most), most];
    }

    private Task ApproveAsync(string? comment) =>
        ActAsync(token => Mediator.SendAsync(new ApproveReview.Command(Id, comment, _minutes > 0 ? TimeSpan.FromMinutes(_minutes) : null), token));

    private Task RejectAsync(string? comment) => ActAsync(token => Mediator.SendAsync(new RejectReview.Command(Id, comment), token));

    private Task WithdrawAsync() => ActAsync(token => Mediator.SendAsync(new WithdrawReview.Command(Id), token));
}
