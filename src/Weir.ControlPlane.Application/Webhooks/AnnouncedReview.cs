namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>A review as webhooks show it: who, where, what kind of effect, and where to look. Neither the statement nor what anybody wrote about it.</summary>
/// <param name="Rules">Names of the rules that asked, with their source.</param>
/// <param name="WindowUntil">Approved for every statement of the shape until then; null for one statement.</param>
/// <param name="RowsChanged">What a dry run changed, by relation; null when there was none.</param>
internal sealed record AnnouncedReview(
    Guid Id,
    string Status,
    string Principal,
    string Connection,
    IReadOnlyList<AnnouncedRule> Rules,
    IReadOnlyList<string> Relations,
    IReadOnlyList<string> SensitiveColumns,
    double? EstimatedRows,
    IReadOnlyDictionary<string, long>? RowsChanged,
    IReadOnlyList<string> Reviewers,
    int Approvals,
    int ApprovalsNeeded,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    DateTimeOffset? WindowUntil,
    string Url);
