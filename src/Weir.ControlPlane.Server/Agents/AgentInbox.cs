using System.Threading.Channels;
using Mediator;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>Takes what one agent says, one message at a time.</summary>
internal sealed partial class AgentInbox(AgentConnection connection, ActorMediator mediator, Actor actor, IReadOnlyCollection<string> capabilities, TimeProvider time, ILogger logger)
{
    /// <summary>A statement's shape can be approved for a while.</summary>
    public const string ReviewWindow = "review-window";

    /// <summary>So long a use waits for others of the same moment: sessions that go on come first, and one transaction records many uses.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    /// <summary>Fewer than one request may hold.</summary>
    private const int MaxGatheredEvents = IngestEvents.MaxEvents / 2;

    private const int MaxSamples = 4;
    private const int MaxSampleColumns = 64;
    private const int MaxSampleRows = 20;

    /// <exception cref="ContractViolationException">A field has no certain meaning.</exception>
    private async Task HandleAsync(AgentMessage message, CancellationToken cancellationToken)
    {
        switch (message.BodyCase)
        {
            case AgentMessage.BodyOneofCase.SnapshotAck:
                await mediator.SendAsync(actor, new RecordSnapshotAnswer.Command(message.SnapshotAck.Version, null), cancellationToken);
                break;
            case AgentMessage.BodyOneofCase.SnapshotNack:
                await mediator.SendAsync(actor, new RecordSnapshotAnswer.Command(message.SnapshotNack.Version, message.SnapshotNack.Reason), cancellationToken);
                break;
            case AgentMessage.BodyOneofCase.CredentialsAck:
                connection.CredentialsAcknowledged(message.CredentialsAck.Sequence);
                break;
            case AgentMessage.BodyOneofCase.ReviewRequest:
                await OpenReviewAsync(message.ReviewRequest, cancellationToken);
                break;
            case AgentMessage.BodyOneofCase.ReviewAbandoned:
                await ReportAsync(new AbandonReview.Command(ContractMapping.ToGuid(message.ReviewAbandoned.ReviewId, "review_abandoned.review_id")), cancellationToken);
                break;
            case AgentMessage.BodyOneofCase.Heartbeat:
                await mediator.SendAsync(
                    actor,
                    new RecordHeartbeat.Command(message.Heartbeat.LiveSessions, message.Heartbeat.SpoolBytes, message.Heartbeat.SpoolCapacityBytes),
                    cancellationToken);
                break;
            case AgentMessage.BodyOneofCase.ConnectionStatus:
                var status = message.ConnectionStatus;
                await mediator.SendAsync(
                    actor, new RecordConnectionStatus.Command(status.Connection, status.Reachable, status.Detail, [.. status.IdleMaskingRules]), cancellationToken);
                break;
            default:
                // A newer agent says something that this control plane does not know yet.
                break;
        }
    }

    /// <summary>Takes messages in order until there are none any more. Approvals that were used at one moment are recorded together.</summary>
    /// <exception cref="ContractViolationException">A field has no certain meaning.</exception>
    public async Task RunAsync(ChannelReader<AgentMessage> messages, CancellationToken cancellationToken)
    {
        var used = new List<ReviewConsumed>();
        while (await messages.WaitToReadAsync(cancellationToken))
        {
            while (messages.TryRead(out var message))
            {
                if (message.Events is not null)
                {
                    await IngestAsync(Gather(message.Events, messages), cancellationToken);
                    continue;
                }

                if (message.ReviewConsumed is null)
                {
                    await HandleAsync(message, cancellationToken);
                    continue;
                }

                used.Add(message.ReviewConsumed);
                await Task.Delay(Gathering, time, cancellationToken);
                while (used.Count < ConsumeReviews.MaxUses && messages.TryPeek(out var next) && next.ReviewConsumed is not null && messages.TryRead(out next))
                {
                    used.Add(next.ReviewConsumed);
                }

                await ConsumeAsync(used, cancellationToken);
                used.Clear();
            }
        }
    }

    /// <summary>Batches that came while an earlier one was stored are stored together.</summary>
    private static List<ReadOnlyMemory<byte>> Gather(EventBatch first, ChannelReader<AgentMessage> messages)
    {
        List<ReadOnlyMemory<byte>> events = [.. first.Events.Select(e => e.Memory)];
        while (messages.TryPeek(out var next) && next.Events is { } more && events.Count + more.Events.Count <= MaxGatheredEvents && messages.TryRead(out next))
        {
            events.AddRange(more.Events.Select(e => e.Memory));
        }

        return events;
    }

    /// <summary>What is acknowledged is stored: the agent may forget it.</summary>
    private async Task IngestAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        var stored = await mediator.SendAsync(actor, new IngestEvents.Command(events), cancellationToken);
        var ack = new EventsAck();
        ack.Positions.AddRange(stored.Positions.Select(p => new SessionPosition { SessionId = ContractMapping.ToBytes(p.SessionId), Sequence = p.Sequence }));
        connection.TrySend(new ControlMessage { EventsAck = ack });
    }

    /// <summary>A review that can't be opened is answered as rejected: the client must not wait for something that nobody will see.</summary>
    private async Task OpenReviewAsync(ReviewRequest request, CancellationToken cancellationToken)
    {
        var command = ToCommand(request);
        try
        {
            connection.TrySend(AgentOutbox.Message(await mediator.SendAsync(actor, command, cancellationToken)));
        }
        catch (Exception fault) when (fault is ValidationFailedException or NotFoundException or ConflictException or ForbiddenException)
        {
            LogReviewRefused(command.ReviewId, fault.Message);
            connection.TrySend(new ControlMessage
            {
                ReviewUpdate = new Contracts.Agent.V1.ReviewUpdate
                {
                    ReviewId = request.ReviewId,
                    Status = Contracts.Agent.V1.ReviewStatus.Rejected,
                    Comment = $"The review could not be opened: {fault.Message}",
                    Binding = request.Binding,
                },
            });
        }
    }

    private async Task ConsumeAsync(IReadOnlyCollection<ReviewConsumed> used, CancellationToken cancellationToken)
    {
        var uses = used.Select(u => new ConsumeReviews.Use(ContractMapping.ToGuid(u.ReviewId, "review_consumed.review_id"), u.Forwarded)).ToList();
        try
        {
            foreach (var review in (await mediator.SendAsync(actor, new ConsumeReviews.Command(uses), cancellationToken)).Ignored)
            {
                LogReportIgnored($"Review {review} is not approved, or not this agent's.");
            }
        }
        catch (Exception fault) when (fault is NotFoundException or ConflictException)
        {
            LogReportIgnored(fault.Message);
        }
    }

    /// <summary>A report about a review that is gone or decided otherwise changes nothing and must not end the link.</summary>
    private async Task ReportAsync(IRequest<Unit> report, CancellationToken cancellationToken)
    {
        try
        {
            await mediator.SendAsync(actor, report, cancellationToken);
        }
        catch (Exception fault) when (fault is NotFoundException or ConflictException)
        {
            LogReportIgnored(fault.Message);
        }
    }

    [LoggerMessage(EventId = 2020, Level = LogLevel.Warning, Message = "Review {ReviewId} was not opened: {Reason}")]
    private partial void LogReviewRefused(Guid reviewId, string reason);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Information, Message = "A report about a review was ignored: {Reason}")]
    private partial void LogReportIgnored(string reason);

    private RecordReview.Command ToCommand(ReviewRequest request) => new(
        ContractMapping.ToGuid(request.ReviewId, "review_request.review_id"),
        ContractMapping.ToPrincipal(request.Principal ?? throw new ContractViolationException("review_request.principal is missing.")).Id,
        new HeldStatement(
            ContractMapping.ToGuid(request.SessionId, "review_request.session_id"),
            request.Statement,
            request.Connection,
            request.Text,
            [.. request.Parameters],
            [.. request.Reasons.Select(ToReason)],
            request.Binding.ToByteArray(),
            new Dictionary<string, string>(request.Context),
            [.. request.Relations],
            [.. request.SensitiveColumns],
            request.HasEstimatedRows ? request.EstimatedRows : null,
            request.Effect is { NotRunBecause.Length: 0 } effect ? new Dictionary<string, long>(effect.RowsChanged) : null,
            request.Effect is { NotRunBecause.Length: > 0 } notRun ? notRun.NotRunBecause : null)
        {
            Samples = request.Effect is { Samples.Count: > 0 } sampled ? [.. sampled.Samples.Take(MaxSamples).Select(ToSample)] : null,
            Shape = capabilities.Contains(ReviewWindow) && request is { ShapeBinding.IsEmpty: false, MaxWindow: { } window }
                ? new StatementShape(request.ShapeBinding.ToByteArray(), request.Shape, window.ToTimeSpan())
                : null,
        },
        new ReviewRules(
            [.. request.Reviewers],
            request.Approvals,
            request.ExpiresAfter?.ToTimeSpan() ?? throw new ContractViolationException("review_request.expires_after is missing.")));

    private static Weir.ControlPlane.Domain.Reviews.SampleRows ToSample(Weir.Contracts.Agent.V1.SampleRows sample) => new(
        sample.Relation,
        [.. sample.Columns.Take(MaxSampleColumns)],
        [.. sample.Before.Take(MaxSampleRows).Select(ToValues)],
        [.. sample.After.Take(MaxSampleRows).Select(ToValues)]);

    private static IReadOnlyList<string?> ToValues(SampleRow row) => [.. row.Values.Take(MaxSampleColumns).Select(v => v.HasText ? v.Text : null)];

    private static DecisionReason ToReason(Reason reason) => new(reason.Source, reason.Rule, reason.Verdict, reason.Message, reason.Hint, reason.IsShadow);
}
