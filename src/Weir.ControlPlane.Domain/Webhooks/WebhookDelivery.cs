using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Webhooks;

/// <summary>One event on its way to one webhook: written with the change that it tells of, so that none is lost; tried until it arrives or its time is over.</summary>
public sealed class WebhookDelivery : ITenantOwned
{
    /// <summary>How long a delivery is tried.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    private WebhookDelivery() => Event = Body = "";

    public WebhookDelivery(OrganizationId organizationId, WebhookDeliveryId id, WebhookId webhookId, string eventType, string body, DateTimeOffset now)
    {
        OrganizationId = organizationId;
        Id = id;
        WebhookId = webhookId;
        Event = eventType;
        Body = body;
        CreatedAt = now;
        GiveUpAt = now + Patience;
        NextAttemptAt = now;
    }

    public OrganizationId OrganizationId { get; private set; }

    /// <summary>The same in every attempt, so that a receiver can tell a repetition.</summary>
    public WebhookDeliveryId Id { get; private set; }

    public WebhookId WebhookId { get; private set; }

    public string Event { get; private set; }

    /// <summary>Exactly what is sent.</summary>
    public string Body { get; private set; }

    public WebhookDeliveryStatus Status { get; private set; }

    /// <summary>Attempts that were begun.</summary>
    public int Attempts { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset GiveUpAt { get; private set; }

    /// <summary>Not before; while an attempt is under way, when it is taken to be lost.</summary>
    public DateTimeOffset NextAttemptAt { get; private set; }

    public DateTimeOffset? LastAttemptAt { get; private set; }

    public int? LastStatus { get; private set; }

    public string? LastError { get; private set; }

    public double? LastDurationMs { get; private set; }

    /// <summary>When it arrived or was given up.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    public void Succeed(int status, double durationMs, DateTimeOffset now)
    {
        (Status, LastAttemptAt, LastStatus, LastError, LastDurationMs, FinishedAt) = (WebhookDeliveryStatus.Delivered, now, status, null, durationMs, now);
    }

    /// <summary>Tried again after a delay that doubles from <see cref="FirstRetry"/> to <see cref="LongestRetry"/>, of which half is left to chance.</summary>
    /// <param name="retryAfter">What the receiver asked for; kept to where it is longer than ours, up to <see cref="LongestRetry"/>.</param>
    /// <param name="chance">0 to 1.</param>
    public void Fail(int? status, string error, double durationMs, TimeSpan? retryAfter, double chance, DateTimeOffset now)
    {
        (LastAttemptAt, LastStatus, LastError, LastDurationMs) = (now, status, error, durationMs);
        if (Status == WebhookDeliveryStatus.Delivered)
        {
            // Another attempt of the same delivery has arrived meanwhile.
            return;
        }

        var doubled = FirstRetry * Math.Pow(2, Math.Clamp(Attempts - 1, 0, 20));
        var longest = doubled < LongestRetry ? doubled : LongestRetry;
        var delay = (longest / 2) + (longest / 2 * chance);
        if (retryAfter > delay)
        {
            delay = retryAfter.Value < LongestRetry ? retryAfter.Value : LongestRetry;
        }

        if (now + delay >= GiveUpAt)
        {
            (Status, FinishedAt) = (WebhookDeliveryStatus.Failed, now);
        }
        else
        {
            NextAttemptAt = now + delay;
        }
    }

    /// <summary>Tried again now, whether it arrived or not, under the same id.</summary>
    public void Redeliver(DateTimeOffset now)
    {
        if (Status == WebhookDeliveryStatus.Pending)
        {
            NextAttemptAt = now;
            return;
        }

        (Status, FinishedAt, Attempts, NextAttemptAt, GiveUpAt) = (WebhookDeliveryStatus.Pending, null, 0, now, now + Patience);
    }
}
