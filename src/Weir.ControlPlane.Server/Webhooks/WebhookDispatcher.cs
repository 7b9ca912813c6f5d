using System.Collections.Concurrent;
using System.Threading.Channels;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Server.Webhooks;

/// <summary>
/// Sends what waits: at once when a signal says so, and whatever is due every few seconds. Every replica may run it; a delivery that one has claimed is passed
/// over by the others.
/// </summary>
internal sealed partial class WebhookDispatcher(ActorMediator mediator, IClusterSignals signals, WebhookClient client, TimeProvider time, ILogger<WebhookDispatcher> logger)
    : BackgroundService
{
    private const int AtOnce = 32;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(10);

    private readonly Channel<Guid> _due = Channel.CreateUnbounded<Guid>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<Guid, Task> _underWay = [];
    private readonly SemaphoreSlim _slots = new(AtOnce);

    public override void Dispose()
    {
        _slots.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(FollowAsync(stoppingToken), LookAroundAsync(stoppingToken), SendDueAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was under way is not reported and is due again when its lease ends.
        }

        await Task.WhenAll(_underWay.Values);
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        // What is missed is found by looking around.
        await foreach (var signal in signals.FollowAsync(null, stoppingToken))
        {
            if (signal is WebhookChanged { HasWork: true })
            {
                _due.Writer.TryWrite(signal.Organization.Value);
            }
        }
    }

    private async Task LookAroundAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var prunedAt = DateTimeOffset.MinValue;
        do
        {
            try
            {
                var prune = time.GetUtcNow() - prunedAt >= PruneInterval;
                foreach (var organization in await mediator.SendAsync(Actor.System, new ListOrganizations.Query(), stoppingToken))
                {
                    _due.Writer.TryWrite(organization);
                    if (prune)
                    {
                        await mediator.SendAsync(Actor.SystemOf(organization), new PruneWebhookDeliveries.Command(), stoppingToken);
                    }
                }

                prunedAt = prune ? time.GetUtcNow() : prunedAt;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogLookFailed(fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SendDueAsync(CancellationToken stoppingToken)
    {
        var organizations = new HashSet<Guid>();
        while (await _due.Reader.WaitToReadAsync(stoppingToken))
        {
            while (_due.Reader.TryRead(out var organization))
            {
                organizations.Add(organization);
            }

            foreach (var organization in organizations)
            {
                await SendDueOfAsync(organization, stoppingToken);
            }

            organizations.Clear();
        }
    }

    private async Task SendDueOfAsync(Guid organization, CancellationToken stoppingToken)
    {
        // No more is claimed than can be sent at once: what is claimed and waits here would lose its lease.
        await _slots.WaitAsync(stoppingToken);
        _slots.Release();
        try
        {
            var claimed = await mediator.SendAsync(Actor.SystemOf(organization), new ClaimWebhookDeliveries.Command(Math.Max(1, _slots.CurrentCount)), stoppingToken);
            foreach (var item in claimed.Items)
            {
                await _slots.WaitAsync(stoppingToken);
                var attempt = Guid.NewGuid();
                var started = new TaskCompletionSource();
                _underWay[attempt] = RunAsync(attempt, organization, item, started.Task, stoppingToken);
                started.SetResult();
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogLookFailed(fault);
        }
    }

    private async Task RunAsync(Guid attempt, Guid organization, ClaimWebhookDeliveries.Item item, Task started, CancellationToken stoppingToken)
    {
        try
        {
            // So that the entry is there before it is taken out again.
            await started;
            var begun = time.GetTimestamp();
            var answer = await client.SendAsync(item, stoppingToken);
            await mediator.SendAsync(
                Actor.SystemOf(organization),
                new RecordWebhookAttempt.Command(item.DeliveryId, answer.Status, answer.Error, time.GetElapsedTime(begun).TotalMilliseconds, answer.RetryAfter),
                stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Exception fault)
        {
            LogAttemptFailed(fault, item.DeliveryId);
        }
        finally
        {
            _slots.Release();
            _underWay.TryRemove(attempt, out _);

            // A webhook may have more waiting than were claimed at once.
            _due.Writer.TryWrite(organization);
        }
    }

    [LoggerMessage(EventId = 1010, Level = LogLevel.Error, Message = "Webhooks that are due could not be looked for")]
    private partial void LogLookFailed(Exception fault);

    [LoggerMessage(EventId = 1011, Level = LogLevel.Error, Message = "Delivery {Delivery} was not completed")]
    private partial void LogAttemptFailed(Exception fault, Guid delivery);
}
