using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Organizations;

namespace Weir.ControlPlane.Server.Hosting;

/// <summary>Writes down every few seconds what has ended by the clock. Any replica may do it: each end is written once.</summary>
internal sealed partial class OverdueSweep(ActorMediator mediator, TimeProvider time, ILogger<OverdueSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var organization in await mediator.SendAsync(Actor.System, new ListOrganizations.Query(), stoppingToken))
                {
                    await mediator.SendAsync(Actor.SystemOf(organization), new ExpireOverdue.Command(), stoppingToken);
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The database may be away; the next round does what this one could not.
                LogFailed(fault);
            }
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "What is over could not be written down")]
    private partial void LogFailed(Exception fault);
}
