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
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>
/// Tells one agent what it needs to know. Signals are hints: what is sent is always read from the database, so a signal that came twice, late or
/// for something that changed again meanwhile does no harm.
/// </summary>
internal sealed class AgentOutbox(AgentConnection connection, ActorMediator mediator, Actor actor)
{
    private long _snapshotVersion = -1;
    private long _credentialsSequence;
    private IReadOnlyList<string>? _connections;

    /// <summary>After a hello: what has changed since the agent was last connected.</summary>
    public async Task CatchUpAsync(Hello hello, ConnectAgent.Response connected, CancellationToken cancellationToken)
    {
        // An agent that is ahead knew a control plane that was since set back (restored from a backup, say): it gets ours all the same.
        _snapshotVersion = hello.SnapshotVersion == connected.PolicyVersion ? hello.SnapshotVersion : -1;
        await SendSnapshotAsync(cancellationToken);
        await SendCredentialsAsync(cancellationToken);
        foreach (var review in await mediator.SendAsync(actor, new ListReviewUpdates.Query(), cancellationToken))
        {
            connection.TrySend(Message(review));
        }
    }

    /// <summary>Runs until the subscription or the link ends.</summary>
    public async Task FollowAsync(ClusterSubscription subscription, CancellationToken cancellationToken)
    {
        var self = connection.Identity.AgentId;
        await foreach (var signal in subscription.ReadAllAsync(cancellationToken))
        {
            switch (signal)
            {
                case PolicyChanged:
                    await SendSnapshotAsync(cancellationToken);

                    // Which connections are the agent's may have changed, and with them the credentials it needs.
                    await SendCredentialsAsync(cancellationToken);
                    break;
                case CredentialsChanged changed when changed.Sequence > _credentialsSequence:
                    await SendCredentialsAsync(cancellationToken);
                    break;
                case ReviewChanged review when review.Agent.Value == self:
                    foreach (var update in await mediator.SendAsync(actor, new ListReviewUpdates.Query(review.Review.Value), cancellationToken))
                    {
                        connection.TrySend(Message(update));
                    }

                    break;
                case SessionTermination termination when termination.Agent.Value == self:
                    connection.TrySend(new ControlMessage
                    {
                        TerminateSession = new TerminateSession { SessionId = ContractMapping.ToBytes(termination.Session.Value), Reason = termination.Reason },
                    });
                    break;
                case AgentChanged { IsShutOut: true } changed when changed.Agent.Value == self:
                    connection.Drop();
                    return;
                default:
                    break;
            }
        }
    }

    public static ControlMessage Message(Application.Features.Reviews.ReviewUpdate review)
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

        return new ControlMessage { ReviewUpdate = update };
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
