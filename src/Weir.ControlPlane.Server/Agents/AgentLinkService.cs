using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>
/// The stream of one agent.
/// <code>
/// agent → hello                  authenticate, remember, subscribe to changes
/// agent ← welcome, snapshot (if another is in force), credentials (what changed since, or all), reviews that it may still need
/// agent → events, reviews, acks  in order: <see cref="AgentInbox"/>
/// agent ← changes as they happen: <see cref="AgentOutbox"/>
/// </code>
/// The link ends with whichever of its loops ends first; the agent comes back by itself.
/// </summary>
internal sealed partial class AgentLinkService(
    AgentAuthenticator authenticator,
    AgentConnections connections,
    ActorMediator mediator,
    IClusterSignals signals,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<AgentLinkService> logger) : AgentLink.AgentLinkBase
{
    private const int MaxBatchBytes = 2 * 1024 * 1024;

    /// <summary>Messages of an agent that wait to be handled; batches of events among them are bounded by what an agent sends unconfirmed.</summary>
    private const int ReceivedMessages = 128;

    private static readonly string[] Capabilities = ["compact-events", AgentInbox.ReviewWindow, AgentOutbox.ReviewBatch];
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(20);

    public override async Task Connect(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<ControlMessage> responseStream, ServerCallContext context)
    {
        var identity = await authenticator.AuthenticateAsync(context);
        var hello = await ReadHelloAsync(requestStream, context.CancellationToken);
        var actor = Actor.ForAgent(identity.OrganizationId, identity.AgentId, identity.Name);
        var connection = new AgentConnection(identity);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, connection.Dropped, lifetime.ApplicationStopping);

        // Subscribed before anything is read: what changes meanwhile is told, at worst, twice.
        using var subscription = signals.Subscribe(new OrganizationId(identity.OrganizationId));
        var connected = await mediator.SendAsync(
            actor,
            new ConnectAgent.Command(
                hello.AgentVersion,
                [.. hello.Capabilities],
                hello.SnapshotVersion,
                hello.AdvertisedEndpoint,
                [.. hello.LiveSessionIds.Select(id => ContractMapping.ToGuid(id, "hello.live_session_ids"))]),
            stop.Token);
        connections.Add(connection);
        LogConnected(identity.Name, hello.AgentVersion);
        try
        {
            connection.TrySend(new ControlMessage
            {
                Welcome = new Welcome { HeartbeatInterval = Duration.FromTimeSpan(HeartbeatInterval), MaxBatchBytes = MaxBatchBytes, Capabilities = { Capabilities } },
            });
            var outbox = new AgentOutbox(connection, mediator, actor, [.. hello.Capabilities]);
            await outbox.CatchUpAsync(hello, connected, stop.Token);
            var inbox = new AgentInbox(connection, mediator, actor, [.. hello.Capabilities], time, logger);
            var received = Channel.CreateBounded<AgentMessage>(new BoundedChannelOptions(ReceivedMessages) { SingleReader = true, SingleWriter = true });
            var handling = inbox.RunAsync(received.Reader, stop.Token);
            var loops = new[]
            {
                WriteAsync(connection, responseStream, stop.Token),
                ReadAsync(received.Writer, handling, requestStream, stop.Token),
                handling,
                outbox.FollowAsync(subscription, signals, stop.Token),
                BeatAsync(connection, stop.Token),
            };
            var first = await Task.WhenAny(loops);
            await stop.CancelAsync();
            await EndAsync(loops, first, identity, context);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The agent went away, or was dropped, while it was being caught up.
        }
        finally
        {
            connection.Drop();
            if (connections.Remove(connection))
            {
                await mediator.SendAsync(actor, new DisconnectAgent.Command(connected.ConnectedAt), CancellationToken.None);
            }

            LogDisconnected(identity.Name);
        }
    }

    private static async Task<Hello> ReadHelloAsync(IAsyncStreamReader<AgentMessage> requestStream, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(HelloTimeout);
        if (!await requestStream.MoveNext(deadline.Token) || requestStream.Current.BodyCase != AgentMessage.BodyOneofCase.Hello)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "The first message must be hello."));
        }

        return requestStream.Current.Hello;
    }

    private static async Task WriteAsync(AgentConnection connection, IServerStreamWriter<ControlMessage> responseStream, CancellationToken cancellationToken)
    {
        await foreach (var message in connection.Outbound.ReadAllAsync(cancellationToken))
        {
            await responseStream.WriteAsync(message, cancellationToken);
        }
    }

    /// <summary>An agent that says nothing for a while is dead, whatever TCP believes: it sends heartbeats.</summary>
    private static async Task ReadAsync(ChannelWriter<AgentMessage> received, Task handling, IAsyncStreamReader<AgentMessage> requestStream, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            silence.CancelAfter(DeadAfter);
            if (!await requestStream.MoveNext(silence.Token))
            {
                // What was said before the end counts.
                received.Complete();
                await handling;
                return;
            }

            await received.WriteAsync(requestStream.Current, cancellationToken);
        }
    }

    private async Task BeatAsync(AgentConnection connection, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(HeartbeatInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            connection.TrySend(new ControlMessage { Heartbeat = new ControlHeartbeat { At = Timestamp.FromDateTimeOffset(time.GetUtcNow()) } });
        }
    }

    /// <summary>Waits for the loops; what ended the first of them is the reason, the others were cancelled by it.</summary>
    private async Task EndAsync(Task[] loops, Task first, AgentIdentity identity, ServerCallContext context)
    {
        foreach (var loop in loops)
        {
            try
            {
                await loop;
            }
            catch (Exception fault) when (fault is OperationCanceledException or IOException or RpcException or InvalidOperationException)
            {
                // Ends of a stream and of its loops.
            }
            catch (ContractViolationException violation) when (loop == first)
            {
                LogViolation(identity.Name, violation.Message);
                throw new RpcException(new Status(StatusCode.InvalidArgument, violation.Message));
            }
            catch (Exception fault) when (loop == first && !context.CancellationToken.IsCancellationRequested)
            {
                LogFailed(fault, identity.Name);
                throw new RpcException(new Status(StatusCode.Internal, "The control plane failed; try again."));
            }
        }
    }

    [LoggerMessage(EventId = 2010, Level = LogLevel.Information, Message = "Agent {Name} ({Version}) connected")]
    private partial void LogConnected(string name, string version);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Information, Message = "Agent {Name} disconnected")]
    private partial void LogDisconnected(string name);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Warning, Message = "Agent {Name} violated the contract: {Violation}")]
    private partial void LogViolation(string name, string violation);

    [LoggerMessage(EventId = 2013, Level = LogLevel.Error, Message = "The link of agent {Name} failed")]
    private partial void LogFailed(Exception fault, string name);
}
