using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>
/// Tells one agent what it needs to know. Signals are hints: what is sent is read from the database, so a signal that came twice, late or
/// for something that changed again meanwhile does no harm. Decisions of this process are told as their transaction left them, unless something later may have been told.
/// </summary>
internal sealed class AgentOutbox(AgentConnection connection, ActorMediator mediator, Actor actor, IReadOnlyCollection<string> capabilities)
{
    /// <summary>Several reviews may be told in one message.</summary>
    public const string ReviewBatch = "review-batch";

    private const int MaxReviewsInMessage = 200;
    private const int MaxRemembered = 10_000;

    private long _snapshotVersion = -1;
    private long _credentialsSequence;
    private IReadOnlyList<string>? _connections;

    /// <summary>By review, the change that was told last; those of all others are told up to <see cref="_readUpTo"/>.</summary>
    private readonly Dictionary<Guid, long> _told = [];

    /// <summary>Changes of reviews that are numbered lower may be in what was read, and told, already.</summary>
    private long _readUpTo;

    /// <summary>After a hello: what has changed since the agent was last connected.</summary>
    public async Task CatchUpAsync(Hello hello, ConnectAgent.Response connected, CancellationToken cancellationToken)
    {
        // An agent that is ahead knew a control plane that was since set back (restored from a backup, say): it gets ours all the same.
        _snapshotVersion = hello.SnapshotVersion == connected.PolicyVersion ? hello.SnapshotVersion : -1;
        await SendSnapshotAsync(cancellationToken);
        await SendCredentialsAsync(cancellationToken);
        await ReadReviewsAsync(null, cancellationToken);
        await SendTerminationsAsync(cancellationToken);
    }

    /// <summary>Runs until the subscription or the link ends. Where signals may have been missed, everything is looked at anew.</summary>
    public async Task FollowAsync(ClusterSubscription first, IClusterSignals signals, CancellationToken cancellationToken)
    {
        var subscription = first;
        try
        {
            while (true)
            {
                try
                {
                    await foreach (var batch in subscription.ReadBatchesAsync(cancellationToken))
                    {
                        if (!await SendAsync(batch, cancellationToken))
                        {
                            return;
                        }
                    }

                    return;
                }
                catch (SignalsLostException)
                {
                    subscription.Dispose();
                    subscription = signals.Subscribe(new OrganizationId(connection.Identity.OrganizationId));
                    await SendSnapshotAsync(cancellationToken);
                    await SendCredentialsAsync(cancellationToken);
                    await ReadReviewsAsync(null, cancellationToken);
                    await SendTerminationsAsync(cancellationToken);
                }
            }
        }
        finally
        {
            subscription.Dispose();
        }
    }

    /// <summary>What several signals ask for is read once. Reviews first: somebody waits.</summary>
    /// <returns>False: the agent is shut out.</returns>
    private async Task<bool> SendAsync(IReadOnlyList<ClusterSignal> batch, CancellationToken cancellationToken)
    {
        var self = connection.Identity.AgentId;
        if (batch.Any(s => s is AgentChanged { IsShutOut: true } changed && changed.Agent.Value == self))
        {
            connection.Drop();
            return false;
        }

        await SendReviewsAsync(batch.OfType<ReviewChanged>().Where(r => r.ConcernsAgent && r.Agent.Value == self), cancellationToken);

        if (batch.Any(s => s is SessionTermination termination && termination.Agent.Value == self))
        {
            await SendTerminationsAsync(cancellationToken);
        }

        // With the policy, which connections are the agent's may have changed, and with them the credentials it needs.
        var isNewPolicy = batch.Any(s => s is PolicyChanged);
        if (isNewPolicy)
        {
            await SendSnapshotAsync(cancellationToken);
        }

        if (isNewPolicy || batch.Any(s => s is CredentialsChanged changed && changed.Sequence > _credentialsSequence))
        {
            await SendCredentialsAsync(cancellationToken);
        }

        return true;
    }

    public static ControlMessage Message(Application.Features.Reviews.ReviewUpdate review) => new() { ReviewUpdate = ToContract(review) };

    private static Contracts.Agent.V1.ReviewUpdate ToContract(Application.Features.Reviews.ReviewUpdate review)
    {
        var update = new Contracts.Agent.V1.ReviewUpdate
        {
            ReviewId = ContractMapping.ToBytes(review.ReviewId),
            Status = review.Status switch
            {
                Domain.Reviews.ReviewStatus.Open => ReviewStatus.Open,
                Domain.Reviews.ReviewStatus.Approved => ReviewStatus.Approved,
                Domain.Reviews.ReviewStatus.Rejected => ReviewStatus.Rejected,
                Domain.Reviews.ReviewStatus.Expired => ReviewStatus.Expired,
                Domain.Reviews.ReviewStatus.Withdrawn => ReviewStatus.Withdrawn,
                Domain.Reviews.ReviewStatus.Consumed => ReviewStatus.Consumed,
                _ => ReviewStatus.Unspecified,
            },
            Comment = review.Comment,
            ExpiresAt = Timestamp.FromDateTimeOffset(review.ExpiresAt),
            Binding = ByteString.CopyFrom(review.Binding.Span),
            DecidedBy = review.DecidedBy,
            Url = review.Url,
        };
        if (review.ApprovedRows is { } rows)
        {
            update.ApprovedRows = rows;
        }

        if (review.WindowUntil is { } until)
        {
            update.WindowUntil = Timestamp.FromDateTimeOffset(until);
        }

        if (!review.ShapeBinding.IsEmpty)
        {
            update.ShapeBinding = ByteString.CopyFrom(review.ShapeBinding.Span);
        }

        return update;
    }

    /// <summary>Somebody waits for a decision: it goes out before anything is read.</summary>
    private async Task SendReviewsAsync(IEnumerable<ReviewChanged> changes, CancellationToken cancellationToken)
    {
        var known = new Dictionary<Guid, Application.Features.Reviews.ReviewUpdate>();
        var unknown = new HashSet<Guid>();
        foreach (var change in changes)
        {
            if (change.Update is { } update && change.AuditSequence >= Math.Max(_readUpTo, _told.GetValueOrDefault(update.ReviewId)))
            {
                _told[update.ReviewId] = change.AuditSequence;
                known[update.ReviewId] = update;
            }
            else
            {
                unknown.Add(change.Review.Value);
            }
        }

        Send([.. known.Values]);
        if (_told.Count > MaxRemembered)
        {
            _readUpTo = Math.Max(_readUpTo, _told.Values.Max());
            _told.Clear();
        }

        if (unknown.Count > 0)
        {
            await ReadReviewsAsync([.. unknown], cancellationToken);
        }
    }

    private void Send(IReadOnlyList<Application.Features.Reviews.ReviewUpdate> updates)
    {
        if (updates.Count == 1 || !capabilities.Contains(ReviewBatch))
        {
            foreach (var update in updates)
            {
                connection.TrySend(Message(update));
            }

            return;
        }

        foreach (var some in updates.Chunk(MaxReviewsInMessage))
        {
            connection.TrySend(new ControlMessage { ReviewUpdates = new ReviewUpdates { Reviews = { some.Select(ToContract) } } });
        }
    }

    /// <param name="ids">Null for all that the agent may still act on.</param>
    private async Task ReadReviewsAsync(IReadOnlyList<Guid>? ids, CancellationToken cancellationToken)
    {
        var read = await mediator.SendAsync(actor, new ListReviewUpdates.Query(ids), cancellationToken);
        _readUpTo = Math.Max(_readUpTo, read.AuditSequence);
        Send(read.Updates);
    }

    private async Task SendTerminationsAsync(CancellationToken cancellationToken)
    {
        foreach (var termination in await mediator.SendAsync(actor, new ListTerminations.Query(), cancellationToken))
        {
            connection.TrySend(new ControlMessage
            {
                TerminateSession = new TerminateSession { SessionId = ContractMapping.ToBytes(termination.SessionId), Reason = termination.Reason },
            });
        }
    }

    private async Task SendSnapshotAsync(CancellationToken cancellationToken)
    {
        var compiled = await mediator.SendAsync(actor, new CompileSnapshot.Query(), cancellationToken);
        if (compiled.Version != _snapshotVersion && connection.TrySend(SnapshotMessage.Create(compiled)))
        {
            _snapshotVersion = compiled.Version;
        }
    }

    private async Task SendCredentialsAsync(CancellationToken cancellationToken)
    {
        var isFirst = _connections is null;
        var compiled = await mediator.SendAsync(actor, new CompileCredentials.Query(_credentialsSequence, _connections), cancellationToken);
        var delta = new CredentialsDelta { Sequence = compiled.Sequence, IsFull = compiled.IsFull };
        foreach (var credential in compiled.Credentials)
        {
            delta.Credentials.Add(new Credential
            {
                Id = credential.Id,
                Principal = ContractMapping.ToContract(credential.Principal),
                Connection = credential.Connection ?? "",
                ScramVerifier = credential.ScramVerifier,
                ExpiresAt = Timestamp.FromDateTimeOffset(credential.ExpiresAt),
                GrantId = credential.GrantId is { } grant ? ContractMapping.ToBytes(grant) : ByteString.Empty,
                ClientKeySha256 = ByteString.CopyFrom(credential.ClientKeyHash.Span),
            });
        }

        delta.RemovedCredentialIds.AddRange(compiled.RemovedCredentialIds);
        delta.Grants.AddRange(compiled.Grants.Select(ContractMapping.ToContract));
        delta.RemovedGrantIds.AddRange(compiled.RemovedGrantIds.Select(ContractMapping.ToBytes));

        // A delta without changes is sent too where it moves the sequence: whoever waits for the sequence waits for its acknowledgement.
        if (isFirst || compiled.IsFull || compiled.Sequence != _credentialsSequence)
        {
            if (!connection.TrySend(new ControlMessage { Credentials = delta }))
            {
                return;
            }
        }

        _credentialsSequence = compiled.Sequence;
        _connections = compiled.Connections;
    }
}
