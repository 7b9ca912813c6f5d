using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>
/// What webhooks send. It leaves the house, so it holds no statement, no parameter, no row and no free text of anybody: names, counts, states and an address behind
/// which the rest is shown to whoever may see it.
/// </summary>
internal static class WebhookBody
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Null for a state of which nobody is told.</summary>
    public static Announcement? Of(Review review, string publicUrl, DateTimeOffset now)
    {
        var type = review.Status switch
        {
            ReviewStatus.Open => WebhookEventType.ReviewOpened,
            ReviewStatus.Approved => WebhookEventType.ReviewApproved,
            ReviewStatus.Rejected => WebhookEventType.ReviewRejected,
            ReviewStatus.Withdrawn => WebhookEventType.ReviewWithdrawn,

            // An approval that nobody came back for is no news to those who gave it.
            ReviewStatus.Expired when review.ApprovedAt is null => WebhookEventType.ReviewExpired,
            _ => null,
        };
        if (type is null)
        {
            return null;
        }

        var shown = new AnnouncedReview(
            review.Id.Value,
            WireName.Of(review.Status),
            review.PrincipalName,
            review.Connection,
            [.. review.Reasons.Where(r => !r.Shadow && r.Verdict == "review").Select(r => new AnnouncedRule(r.Source, r.Rule))],
            review.Relations,
            review.SensitiveColumns,
            review.EstimatedRows,
            review.RowsChanged,
            review.Reviewers,
            review.Approvals.Count,
            review.ApprovalsNeeded,
            review.CreatedAt,
            review.ExpiresAt,
            review.DecidedAt,
            review.DecidedBy,
            review.WindowUntil,
            $"{publicUrl}/reviews/{review.Id}");
        return new(type, review.Connection, format => format == WebhookFormat.Slack ? Slack(Text(shown), shown.Url) : Standard(type, now, shown));
    }

    public static Announcement? Of(AccessRequest request, string publicUrl, DateTimeOffset now)
    {
        var type = request.Status switch
        {
            AccessRequestStatus.Pending => WebhookEventType.AccessRequestOpened,
            AccessRequestStatus.Approved => WebhookEventType.AccessRequestApproved,
            AccessRequestStatus.Rejected => WebhookEventType.AccessRequestRejected,
            AccessRequestStatus.Withdrawn => WebhookEventType.AccessRequestWithdrawn,
            AccessRequestStatus.Expired => WebhookEventType.AccessRequestExpired,
            _ => null,
        };
        if (type is null)
        {
            return null;
        }

        var shown = new AnnouncedAccessRequest(
            request.Id.Value,
            WireName.Of(request.Status),
            request.PrincipalName,
            request.Connection,
            WireName.Of(request.Access),
            (long)request.Duration.TotalSeconds,
            request.Approvers,
            request.Approvals.Count,
            request.ApprovalsNeeded,
            request.CreatedAt,
            request.ExpiresAt,
            request.DecidedAt,
            request.DecidedBy,
            $"{publicUrl}/requests");
        return new(type, request.Connection, format => format == WebhookFormat.Slack ? Slack(Text(shown), shown.Url) : Standard(type, now, shown));
    }

    public static string Test(WebhookFormat format, string publicUrl, DateTimeOffset now) => format == WebhookFormat.Slack
        ? Slack("Weir: this is a test.", publicUrl)
        : Standard(WebhookEventType.Test, now, new { Url = publicUrl });

    private static string Standard<T>(string type, DateTimeOffset at, T data) => JsonSerializer.Serialize(new { Type = type, Timestamp = at, Data = data }, Json);

    private static string Slack(string text, string url) => JsonSerializer.Serialize(new { Text = $"{Escape(text)} <{url}|Look>" }, Json);

    private static string Text(AnnouncedReview review)
    {
        var effect = review.RowsChanged is { Count: > 0 } changed
            ? $" {string.Join(", ", changed.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value} rows of {c.Key}")))}."
            : review.Relations.Count > 0 ? $" Touches {string.Join(", ", review.Relations)}." : "";
        var rules = review.Rules.Count > 0 ? $" ({string.Join(", ", review.Rules.Select(r => r.Name))})" : "";
        return review.Status == "open"
            ? $"{review.Principal} waits for a review on {review.Connection}{rules}.{effect} {string.Join(", ", review.Reviewers)}: decide until {Time(review.ExpiresAt)}."
            : $"Review {review.Status}: {review.Principal} on {review.Connection}{rules}.{effect}{(review.DecidedBy is { } by ? $" By {by}." : "")}";
    }

    private static string Text(AnnouncedAccessRequest request)
    {
        var what = $"{request.Access} access to {request.Connection} for {TimeSpan.FromSeconds(request.Duration)}";
        return request.Status == "pending"
            ? $"{request.Principal} asks for {what}. {string.Join(", ", request.Approvers)}: decide until {Time(request.ExpiresAt)}."
            : $"Access request {request.Status}: {request.Principal}, {what}.{(request.DecidedBy is { } by ? $" By {by}." : "")}";
    }

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    // Slack's three control characters; names can't make links, mentions or channels' calls of themselves.
    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
