using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>Forgets deliveries that ended more than <see cref="Keep"/> ago, and of each webhook all but the newest <see cref="KeepOfEach"/>.</summary>
public static class PruneWebhookDeliveries
{
    public static readonly TimeSpan Keep = TimeSpan.FromDays(7);

    public const int KeepOfEach = 1000;

    /// <remarks>Sent as <see cref="Actor.SystemOf"/>.</remarks>
    [RequirePermission(Permission.RunSystem)]
    public sealed record Command : IRequest<int>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Command, int>
    {
        public async ValueTask<int> Handle(Command request, CancellationToken cancellationToken)
        {
            var organization = scope.Organization!.Value.Value;
            var before = time.GetUtcNow() - Keep;
            return await db.Database.ExecuteSqlAsync(
                $"""
                DELETE FROM webhook_deliveries d
                USING (
                    SELECT id, finished_at, row_number() OVER (PARTITION BY webhook_id ORDER BY created_at DESC, id DESC) AS place
                    FROM webhook_deliveries
                    WHERE organization_id = {organization} AND status <> 'pending'
                ) old
                WHERE d.organization_id = {organization} AND d.id = old.id AND d.status <> 'pending' AND (old.finished_at < {before} OR old.place > {KeepOfEach})
                """,
                cancellationToken);
        }
    }
}
