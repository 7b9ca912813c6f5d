using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <param name="Status">open, approved, rejected, expired, withdrawn or consumed.</param>
/// <param name="Statement">The statement's text.</param>
/// <param name="StatementNumber">Its number in the session.</param>
/// <param name="Waiting">The client still holds the line.</param>
/// <param name="RowsChanged">What a dry run changed, by relation; null when there was none (<paramref name="NotRunBecause"/>).</param>
/// <param name="Shape">The statement with a <c>?</c> for every constant: what an approval for a while covers. Null when it can only be approved once.</param>
/// <param name="MaxWindow">The longest time that it may be approved for.</param>
/// <param name="WindowUntil">Approved for every statement of the shape until then.</param>
/// <param name="CoveredBy">The review whose approval for a while decided this one too.</param>
/// <param name="MayWithdraw">Whether the actor may take it, or its approval, back now.</param>
/// <param name="MayDecide">Whether the actor may approve or reject it now.</param>
public sealed record ReviewView(
    Guid Id,
    string Status,
    string Principal,
    string Connection,
    string Statement,
    IReadOnlyList<string> Parameters,
    IReadOnlyList<DecisionReason> Reasons,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    bool Waiting,
    Guid SessionId,
    long StatementNumber,
    IReadOnlyDictionary<string, string> Context,
    IReadOnlyList<string> Relations,
    IReadOnlyList<string> SensitiveColumns,
    double? EstimatedRows,
    IReadOnlyDictionary<string, long>? RowsChanged,
    string? NotRunBecause,
    IReadOnlyList<string> Reviewers,
    int ApprovalsNeeded,
    IReadOnlyList<ApprovalView> Approvals,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    string? Comment,
    DateTimeOffset? ConsumedAt,
    bool MayDecide,
    string? Shape = null,
    TimeSpan? MaxWindow = null,
    DateTimeOffset? WindowUntil = null,
    Guid? CoveredBy = null,
    bool MayWithdraw = false)
{
    /// <summary>Some of the rows that a dry run changed, masked; empty when there are none.</summary>
    public IReadOnlyList<SampleRows> Samples { get; init; } = [];

    internal static ReviewView Of(Review r, Actor actor, DateTimeOffset now) => new(
        r.Id.Value,
        StatusOf(r, now),
        r.PrincipalName,
        r.Connection,
        r.Text,
        r.Parameters,
        r.Reasons,
        r.CreatedAt,
        r.ExpiresAt,
        r.IsWaiting,
        r.SessionId.Value,
        r.Statement,
        r.Context,
        r.Relations,
        r.SensitiveColumns,
        r.EstimatedRows,
        r.RowsChanged,
        r.NotRunBecause,
        r.Reviewers,
        r.ApprovalsNeeded,
        [.. r.Approvals.Select(a => new ApprovalView(a.ByName, a.At, a.Comment, a.Window))],
        r.DecidedAt,
        r.DecidedBy,
        r.Comment,
        r.ConsumedAt,
        r.Status == ReviewStatus.Open && r.ExpiresAt > now && actor.Kind == ActorKind.User && r.PrincipalId != actor.PrincipalId
            && r.OnBehalfOf != actor.PrincipalId && r.Reviewers.Any(actor.Groups.Contains) && r.Approvals.All(a => a.By != actor.PrincipalId),
        r.MaxWindow is null ? null : r.ShapeText,
        r.MaxWindow,
        r.WindowUntil,
        r.CoveredBy?.Value,
        MayWithdrawIt(r, actor, now))
    {
        Samples = r.Samples ?? [],
    };

    private static bool MayWithdrawIt(Review r, Actor actor, DateTimeOffset now)
    {
        var isOwn = r.PrincipalId == actor.PrincipalId || r.OnBehalfOf == actor.PrincipalId;
        return r.ExpiresAt > now && r.Status switch
        {
            ReviewStatus.Open => isOwn,
            ReviewStatus.Approved => isOwn || actor.IsAdministrator || (actor.Kind == ActorKind.User && r.Reviewers.Any(actor.Groups.Contains)),
            _ => false,
        };
    }

    /// <summary>A review whose time is over is expired also before the sweep has come by.</summary>
    internal static string StatusOf(Review review, DateTimeOffset now) =>
        review.Status is ReviewStatus.Open or ReviewStatus.Approved && review.ExpiresAt <= now ? WireName.Of(ReviewStatus.Expired) : WireName.Of(review.Status);
}
