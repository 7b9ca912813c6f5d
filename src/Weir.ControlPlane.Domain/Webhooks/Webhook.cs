using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Webhooks;

/// <summary>An address that is told, signed, of reviews and access requests.</summary>
public sealed class Webhook : ITenantOwned
{
    /// <summary>How long what is sent is signed with the secret before the last one too.</summary>
    public static readonly TimeSpan RotationOverlap = TimeSpan.FromDays(1);

    /// <summary>A webhook that has failed for so long, and at least <see cref="DisableAfterFailures"/> times in succession, is disabled.</summary>
    public static readonly TimeSpan DisableAfter = TimeSpan.FromDays(3);

    public const int DisableAfterFailures = 10;

    public const int MaxErrorLength = 500;

    private const int Gone = 410;

    private Webhook()
    {
        Name = ShownUrl = "";
        ProtectedUrl = ProtectedSecret = [];
        Events = [];
        ConnectionLabels = new Dictionary<string, string>();
    }

    public Webhook(OrganizationId organizationId, WebhookId id, WebhookTarget target, byte[] protectedSecret, DateTimeOffset now)
        : this()
    {
        OrganizationId = organizationId;
        Id = id;
        ProtectedSecret = protectedSecret;
        CreatedAt = now;
        Change(target);
    }

    public OrganizationId OrganizationId { get; private set; }

    public WebhookId Id { get; private set; }

    /// <summary>Unique in the organization.</summary>
    public string Name { get; private set; }

    public byte[] ProtectedUrl { get; private set; }

    public string ShownUrl { get; private set; }

    public WebhookFormat Format { get; private set; }

    /// <summary>Empty for all.</summary>
    public IReadOnlyList<string> Events { get; private set; }

    /// <summary>Empty for all.</summary>
    public IReadOnlyDictionary<string, string> ConnectionLabels { get; private set; }

    public byte[] ProtectedSecret { get; private set; }

    public byte[]? ProtectedPreviousSecret { get; private set; }

    /// <summary>Until then what is sent carries a second signature, with the previous secret.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? DisabledAt { get; private set; }

    public string? DisabledBecause { get; private set; }

    /// <summary>When the failures began that have not been followed by a success; null while it works.</summary>
    public DateTimeOffset? FailingSince { get; private set; }

    /// <summary>Attempts that failed in succession.</summary>
    public int Failures { get; private set; }

    public DateTimeOffset? LastAttemptAt { get; private set; }

    public DateTimeOffset? LastSuccessAt { get; private set; }

    /// <summary>HTTP status of the last answer; null when there was none.</summary>
    public int? LastStatus { get; private set; }

    public string? LastError { get; private set; }

    public bool IsDisabled => DisabledAt is not null;

    public bool Wants(string eventType) => !IsDisabled && (Events.Count == 0 || Events.Contains(eventType));

    /// <param name="labels">Of the connection; null when there is none of that name any more.</param>
    public bool WantsConnection(IReadOnlyDictionary<string, string>? labels) =>
        ConnectionLabels.Count == 0 || (labels is not null && ConnectionLabels.All(l => labels.TryGetValue(l.Key, out var value) && value == l.Value));

    public void Change(WebhookTarget target)
    {
        Name = target.Name;
        ProtectedUrl = target.ProtectedUrl;
        ShownUrl = target.ShownUrl;
        Format = target.Format;
        Events = target.Events;
        ConnectionLabels = target.ConnectionLabels;
    }

    /// <summary>What is sent from now on is signed with the new secret, and for a day with the old one too, so that receivers can follow.</summary>
    public void Rotate(byte[] protectedSecret, DateTimeOffset now)
    {
        ProtectedPreviousSecret = ProtectedSecret;
        PreviousSecretUntil = now + RotationOverlap;
        ProtectedSecret = protectedSecret;
    }

    public void Disable(string because, DateTimeOffset now)
    {
        if (IsDisabled)
        {
            throw new IllegalTransitionException("webhook", "disabled", "disabled");
        }

        DisabledAt = now;
        DisabledBecause = because;
    }

    public void Enable()
    {
        if (!IsDisabled)
        {
            throw new IllegalTransitionException("webhook", "enabled", "enabled");
        }

        DisabledAt = null;
        DisabledBecause = null;
        FailingSince = null;
        Failures = 0;
    }

    public void RecordSuccess(int status, DateTimeOffset now)
    {
        (LastAttemptAt, LastSuccessAt, LastStatus, LastError) = (now, now, status, null);
        (FailingSince, Failures) = (null, 0);
    }

    /// <summary>A receiver that says it is gone, or that has failed for days, is not tried any more.</summary>
    /// <returns>Whether this failure disabled it.</returns>
    public bool RecordFailure(int? status, string error, DateTimeOffset now)
    {
        (LastAttemptAt, LastStatus, LastError) = (now, status, error);
        Failures++;
        FailingSince ??= now;
        if (IsDisabled)
        {
            return false;
        }

        if (status == Gone)
        {
            Disable("The receiver answered that it is gone (410).", now);
        }
        else if (Failures >= DisableAfterFailures && now - FailingSince >= DisableAfter)
        {
            Disable($"It failed {Failures} times in succession, for more than {DisableAfter.Days} days.", now);
        }

        return IsDisabled;
    }
}
