using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Link;

/// <summary>
/// One connection of the AgentLink, from Hello to its end.
/// <code>
/// agent                       control plane
/// Hello              →
///                    ←        Welcome
/// reviews, statuses  →                       (what a new connection must hear again)
///                    ←        PolicySnapshot, CredentialsDelta, ReviewUpdate …
/// acks, EventBatch … →
///                    ←        EventsAck …
/// </code>
/// Messages are handled one after the other, in the order they came. Silence for three heartbeats ends it.
/// </summary>
internal sealed partial class LinkConnection(
    AgentLink.AgentLinkClient client,
    Metadata headers,
    LinkState state,
    LinkOutbox outbox,
    TunnelDialer tunnels,
    string advertise,
    IReadOnlyDictionary<string, string> labels,
    TimeProvider time,
    ILogger log)
{
    private const int OutboxMessages = 4096;

    private static readonly TimeSpan WelcomeDeadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultHeartbeat = TimeSpan.FromSeconds(10);
    private static readonly string[] Capabilities = ["tunnel", "review", "credentials-delta", "review-window", "review-batch", CompactEvents];

    /// <summary>Events that leave out what is recorded already (session_event.proto). A control plane that does not announce it would lose what it can't read.</summary>
    private const string CompactEvents = "compact-events";

    private readonly Channel<AgentMessage> _output = Channel.CreateBounded<AgentMessage>(new BoundedChannelOptions(OutboxMessages) { SingleReader = true });
    private long _lastHeard;

    /// <summary>The control plane has welcomed the agent.</summary>
    public bool WasWelcomed { get; private set; }

    /// <summary>Runs until the connection ends, which it always does by an exception.</summary>
    /// <exception cref="LinkLostException">The control plane closed it, fell silent, or is not to be understood.</exception>
    /// <exception cref="RpcException">It broke, or the control plane did not take the agent.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = client.Connect(headers, cancellationToken: stop.Token);
        var welcome = await GreetAsync(call, stop.Token).ConfigureAwait(false);
        WasWelcomed = true;
        LogConnected(log);
        outbox.Connect(_output.Writer);
        try
        {
            foreach (var message in state.Reviews.Repeat().Concat(state.Statuses.Repeat()))
                Send(message);
            Task[] parts =
            [
                ReceiveAsync(call.ResponseStream, stop.Token),
                SendAllAsync(call.RequestStream, stop.Token),
                state.Events.RunAsync(_output.Writer, welcome.MaxBatchBytes, stop.Token),
                BeatAsync(HeartbeatOf(welcome), stop.Token),
            ];
            var first = await Task.WhenAny(parts).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first.ConfigureAwait(false);
        }
        finally
        {
            outbox.Disconnect();
        }

        throw new LinkLostException("the control plane closed the connection");
    }

    private static TimeSpan HeartbeatOf(Welcome welcome)
    {
        if (welcome.HeartbeatInterval is not { } interval)
            return DefaultHeartbeat;
        var wanted = interval.ToTimeSpan();
        return wanted < ShortestHeartbeat ? ShortestHeartbeat : wanted > LongestHeartbeat ? LongestHeartbeat : wanted;
    }

    private async Task<Welcome> GreetAsync(AsyncDuplexStreamingCall<AgentMessage, ControlMessage> call, CancellationToken cancellationToken)
    {
        var hello = new Hello
        {
            AgentVersion = AgentVersion.Text,
            SnapshotVersion = state.Snapshots.Version,
            CredentialsSequence = state.Credentials.Sequence,
            AdvertisedEndpoint = advertise,
        };
        hello.Capabilities.AddRange(Capabilities);
        foreach (var (key, value) in labels)
            hello.Labels[key] = value;
        hello.LiveSessionIds.AddRange(state.Sessions.LiveIds().Select(ContractMapping.ToBytes));

        using var deadline = new CancellationTokenSource(WelcomeDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await call.RequestStream.WriteAsync(new AgentMessage { Hello = hello }, either.Token).ConfigureAwait(false);
            while (await call.ResponseStream.MoveNext(either.Token).ConfigureAwait(false))
            {
                if (call.ResponseStream.Current.Welcome is not { } welcome)
                    throw new LinkLostException("the control plane did not begin with a welcome");
                if (!welcome.Capabilities.Contains(CompactEvents))
                    throw new LinkLostException("the control plane is older than this agent and can't read its recordings: update the control plane first (they wait in the spool)");
                Heard();
                return welcome;
            }
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new LinkLostException("the control plane did not welcome the agent in time");
        }

        throw new LinkLostException("the control plane closed the connection at once");
    }

    private async Task ReceiveAsync(IAsyncStreamReader<ControlMessage> input, CancellationToken cancellationToken)
    {
        while (await input.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            Heard();
            try
            {
                Handle(input.Current);
            }
            catch (ContractViolationException exception)
            {
                throw new LinkLostException($"a {input.Current.BodyCase} message can't be understood: {exception.Message}");
            }
        }
    }

    private void Handle(ControlMessage message)
    {
        switch (message.BodyCase)
        {
            case ControlMessage.BodyOneofCase.Snapshot:
                OnSnapshot(message.Snapshot);
                break;
            case ControlMessage.BodyOneofCase.Credentials:
                if (!state.Credentials.Apply(message.Credentials))
                    throw new LinkLostException($"credentials delta {message.Credentials.Sequence} does not follow {state.Credentials.Sequence}");
                Send(new AgentMessage { CredentialsAck = new CredentialsAck { Sequence = message.Credentials.Sequence } });
                break;
            case ControlMessage.BodyOneofCase.EventsAck:
                state.Events.OnAck(message.EventsAck);
                break;
            case ControlMessage.BodyOneofCase.ReviewUpdate:
                state.Reviews.OnUpdates([message.ReviewUpdate]);
                break;
            case ControlMessage.BodyOneofCase.ReviewUpdates:
                state.Reviews.OnUpdates(message.ReviewUpdates.Reviews);
                break;
            case ControlMessage.BodyOneofCase.TerminateSession:
                state.Sessions.Terminate(ContractMapping.ToGuid(message.TerminateSession.SessionId, "session_id"), message.TerminateSession.Reason);
                break;
            case ControlMessage.BodyOneofCase.OpenTunnel:
                tunnels.Open(message.OpenTunnel.TunnelId);
                break;
            case ControlMessage.BodyOneofCase.CancelTunnel:
                state.Sessions.Cancel(message.CancelTunnel.ProcessId, message.CancelTunnel.CancelKey.Memory);
                break;
            case ControlMessage.BodyOneofCase.Heartbeat:
                break;
            default:
                // A newer control plane; unknown messages are ignored (proto/README.md).
                LogUnknown(log);
                break;
        }
    }

    private void OnSnapshot(PolicySnapshot snapshot)
    {
        if (state.Snapshots.Apply(snapshot) is not { } reason)
        {
            LogApplied(log, snapshot.Version);
            Send(new AgentMessage { SnapshotAck = new SnapshotAck { Version = snapshot.Version } });
            return;
        }

        LogRefused(log, snapshot.Version, reason);
        Send(new AgentMessage { SnapshotNack = new SnapshotNack { Version = snapshot.Version, Reason = reason } });
    }

    private async Task SendAllAsync(IClientStreamWriter<AgentMessage> output, CancellationToken cancellationToken)
    {
        await foreach (var message in _output.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            await output.WriteAsync(message, cancellationToken).ConfigureAwait(false);
    }

    private async Task BeatAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            if (time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > interval * 3)
                throw new LinkLostException("the control plane fell silent");
            Send(new AgentMessage
            {
                Heartbeat = new AgentHeartbeat
                {
                    At = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
                    LiveSessions = state.Sessions.Count,
                    SpoolBytes = state.Spool.WaitingBytes,
                    SpoolCapacityBytes = state.Spool.CapacityBytes,
                },
            });
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private void Send(AgentMessage message)
    {
        if (!_output.Writer.TryWrite(message))
            throw new LinkLostException("the control plane does not take messages");
    }

    private void Heard()
    {
        Volatile.Write(ref _lastHeard, time.GetTimestamp());
        state.Snapshots.Heard();
    }

    [LoggerMessage(3001, LogLevel.Information, "Connected to the control plane")]
    private static partial void LogConnected(ILogger log);

    [LoggerMessage(3002, LogLevel.Information, "Policy version {Version} is in force")]
    private static partial void LogApplied(ILogger log, long version);

    [LoggerMessage(3003, LogLevel.Error, "Policy version {Version} can't be used, the one before stays in force: {Reason}")]
    private static partial void LogRefused(ILogger log, long version, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "A message of the control plane is of a kind that this agent does not know; ignored")]
    private static partial void LogUnknown(ILogger log);
}
