namespace Weir.ControlPlane.Domain.Webhooks;

/// <summary>What a webhook can be told of.</summary>
public static class WebhookEventType
{
    public const string ReviewOpened = "review.opened";
    public const string ReviewApproved = "review.approved";
    public const string ReviewRejected = "review.rejected";
    public const string ReviewExpired = "review.expired";
    public const string ReviewWithdrawn = "review.withdrawn";
    public const string AccessRequestOpened = "access_request.opened";
    public const string AccessRequestApproved = "access_request.approved";
    public const string AccessRequestRejected = "access_request.rejected";
    public const string AccessRequestExpired = "access_request.expired";
    public const string AccessRequestWithdrawn = "access_request.withdrawn";

    /// <summary>Sent when an administrator asks for it, whatever the webhook has chosen.</summary>
    public const string Test = "webhook.test";

    /// <summary>All that a webhook may choose from.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ReviewOpened, ReviewApproved, ReviewRejected, ReviewExpired, ReviewWithdrawn,
        AccessRequestOpened, AccessRequestApproved, AccessRequestRejected, AccessRequestExpired, AccessRequestWithdrawn,
    ];
}
