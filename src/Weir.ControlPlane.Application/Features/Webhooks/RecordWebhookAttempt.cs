using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>How an attempt ended.</summary>
public static class RecordWebhookAttempt
{
    /// <param name="Status">HTTP status; null when there was no answer.</param>
    /// <param name="Error">Null for a success. Says nothing of what the receiver answered.</param>
    /// <param name="RetryAfter">What the receiver asked for.</param>
    /// <remarks>Sent as <see cref="Actor.SystemOf"/>.</remarks>
    [RequirePermission(Permission.RunSystem)]
    public sealed record Command(Guid DeliveryId, int? Status, string? Error, double DurationMs, TimeSpan? RetryAfter) : IRequest;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var organization = scope.Organization!.Value.Value;
            var id = new WebhookDeliveryId(request.DeliveryId);
            var delivery = await db.WebhookDeliveries.SingleOrDefaultAsync(d => d.Id == id, cancellationToken);
            if (delivery is null)
            {
                // Deleted with its webhook while it was under way.
                return Unit.Value;
            }

            // Attempts of one webhook end at the same time; each must see what the one before has left.
            var webhook = await db.Webhooks
                .FromSql($"SELECT *, xmin FROM webhooks WHERE organization_id = {organization} AND id = {delivery.WebhookId.Value} FOR UPDATE")
                .SingleAsync(cancellationToken);
            var now = time.GetUtcNow();
            if (request.Error is null)
            {
                delivery.Succeed(request.Status!.Value, request.DurationMs, now);
                webhook.RecordSuccess(request.Status.Value, now);
            }
            else
            {
                var error = request.Error.Length <= Webhook.MaxErrorLength ? request.Error : request.Error[..Webhook.MaxErrorLength];
                delivery.Fail(request.Status, error, request.DurationMs, request.RetryAfter, Random.Shared.NextDouble(), now);
                if (webhook.RecordFailure(request.Status, error, now))
                {
                    await db.SaveChangesAsync(cancellationToken);
                    await WebhookGivenUp.GiveUpWaitingAsync(db, webhook.Id, now, cancellationToken);
                    journal.Audit("webhook.disable", "webhook", webhook.Id.ToString(), null, null, ("name", webhook.Name), ("because", webhook.DisabledBecause));
                }
            }

            journal.Signal(new WebhookChanged(webhook.OrganizationId, webhook.Id, HasWork: false));
            return Unit.Value;
        }
    }
}
