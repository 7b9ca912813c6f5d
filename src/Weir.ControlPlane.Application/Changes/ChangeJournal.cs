using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Webhooks;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Audit;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Changes;

/// <summary>
/// What a use case did besides its rows: audit events, a new policy version, changed credentials, what webhooks are told, signals for others. It is written at the end of
/// the transaction, after the organization's counters are locked, so that all transactions take their locks in one order.
/// </summary>
internal sealed class ChangeJournal(WeirDbContext db, ActorScope scope, WebhookOutbox outbox, ControlPlaneOptions options, TimeProvider time)
{
    private readonly List<AuditEntry> _entries = [];
    private readonly List<ClusterSignal> _signals = [];
    private readonly HashSet<PrincipalId> _principals = [];
    private readonly List<Announcement> _announcements = [];
    private readonly List<Review> _reviews = [];
    private OrganizationCounters? _counters;
    private bool _policyChanged;

    /// <summary>The credentials sequence that the last transaction wrote; null when it changed none.</summary>
    public long? CredentialsSequence { get; private set; }

    public void Begin()
    {
        _entries.Clear();
        _signals.Clear();
        _principals.Clear();
        _announcements.Clear();
        _reviews.Clear();
        _counters = null;
        _policyChanged = false;
        CredentialsSequence = null;
    }

    /// <summary>Records who did what. Details are only what is fit for every auditor's eyes.</summary>
    public void Audit(string action, string targetKind, string targetId, string? before = null, string? after = null, params (string Key, string? Value)[] details) =>
        _entries.Add(new AuditEntry(
            action,
            targetKind,
            targetId,
            before,
            after,
            details.Where(d => d.Value is not null).ToDictionary(d => d.Key, d => d.Value!, StringComparer.Ordinal)));

    /// <summary>Told to subscribers after the commit.</summary>
    public void Signal(ClusterSignal signal) => _signals.Add(signal);

    /// <summary>The review has changed. Where its state has, an audit event says so: its agent is told at once.</summary>
    public void Changed(Review review) => _reviews.Add(review);

    /// <summary>Told to the webhooks that want to hear of it: that a review has the state it has now.</summary>
    public void Announce(Review review) => Announce(WebhookBody.Of(review, options.PublicUrl, time.GetUtcNow()));

    public void Announce(AccessRequest request) => Announce(WebhookBody.Of(request, options.PublicUrl, time.GetUtcNow()));

    /// <summary>Its groups, name or state changed: agents must hear of it through its credentials.</summary>
    public void PrincipalChanged(PrincipalId principal) => _principals.Add(principal);

    /// <summary>The version that the policy has after this transaction.</summary>
    public async ValueTask<long> ChangePolicyAsync(CancellationToken cancellationToken)
    {
        var counters = await LockCountersAsync(cancellationToken);
        if (!_policyChanged)
        {
            _policyChanged = true;
            counters.NextPolicyVersion();
            Signal(new PolicyChanged(counters.OrganizationId, counters.PolicyVersion));
        }

        return counters.PolicyVersion;
    }

    /// <summary>Locks the organization's counters until the transaction ends.</summary>
    public async ValueTask<OrganizationCounters> LockCountersAsync(CancellationToken cancellationToken)
    {
        var organization = scope.Organization ?? throw new InvalidOperationException("A change needs an organization.");
        return _counters ??= await db.Counters.FromSql($"SELECT *, xmin FROM organization_counters WHERE organization_id = {organization.Value} FOR UPDATE").SingleAsync(cancellationToken);
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        db.ChangeTracker.DetectChanges();
        var sequenced = db.ChangeTracker.Entries<ICredentialsSequenced>()
            .Where(e => e.State is EntityState.Added or EntityState.Modified)
            .Select(e => e.Entity)
            .ToList();
        if (sequenced.Count > 0 || _principals.Count > 0)
        {
            var counters = await LockCountersAsync(cancellationToken);
            var sequence = counters.NextCredentialsSequence();
            sequenced.ForEach(e => e.StampChange(sequence));
            foreach (var principal in _principals)
            {
                await db.Credentials.Where(c => c.PrincipalId == principal && c.RevokedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(c => c.ChangedSequence, sequence), cancellationToken);
            }

            CredentialsSequence = sequence;
            Signal(new CredentialsChanged(counters.OrganizationId, sequence));
        }

        if (_announcements.Count > 0)
        {
            foreach (var webhook in await outbox.AddAsync(_announcements, cancellationToken))
            {
                Signal(new WebhookChanged(scope.Organization!.Value, webhook, HasWork: true));
            }
        }

        if (_entries.Count > 0)
        {
            var counters = await LockCountersAsync(cancellationToken);
            Signal(new AuditChanged(counters.OrganizationId));
            if (_entries.Any(e => e.Action.StartsWith("principal.", StringComparison.Ordinal)))
            {
                Signal(new PrincipalsChanged(counters.OrganizationId));
            }

            if (_entries.Any(e => e.Action.StartsWith("token.", StringComparison.Ordinal)))
            {
                Signal(new TokensChanged(counters.OrganizationId));
            }

            db.AuditEvents.AddRange(_entries.Select(e => AuditEvent.Append(counters, scope.Actor.AuditActor, e, time.GetUtcNow())));
        }

        foreach (var review in _reviews)
        {
            // The number orders changes only because every one of them has locked and advanced the counters.
            Signal(new ReviewChanged(review.OrganizationId, review.Id, review.AgentId)
            {
                Update = _entries.Count > 0 ? ReviewUpdate.Of(review, options, time.GetUtcNow()) : null,
                AuditSequence = _entries.Count > 0 ? _counters!.AuditSequence : 0,
                ConcernsAgent = _entries.Count > 0,
            });
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    public IReadOnlyList<ClusterSignal> TakeSignals()
    {
        var taken = _signals.ToList();
        _signals.Clear();
        return taken;
    }

    private void Announce(Announcement? announcement)
    {
        if (announcement is not null)
        {
            _announcements.Add(announcement);
        }
    }
}
