using System.Text;
using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Application.Webhooks;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>
/// Takes what is due in one organization, so that no other replica sends it meanwhile. Whoever took it and never reports (it crashed) has lost it after
/// <see cref="Lease"/>: then it is due again.
/// </summary>
public static class ClaimWebhookDeliveries
{
    /// <summary>Longer than any attempt can take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>At most so many of one webhook at once, and one of a webhook that fails: a receiver that hangs must not keep others waiting.</summary>
    public const int PerWebhook = 8;

    /// <remarks>Sent as <see cref="Actor.SystemOf"/>.</remarks>
    [RequirePermission(Permission.RunSystem)]
    public sealed record Command(int Limit) : IRequest<Response>;

    public sealed record Response(IReadOnlyList<Item> Items);

    /// <param name="Signatures">Makes the values of <c>webhook-signature</c>, of the secret and of the one before while that still counts.</param>
    public sealed record Item(Guid DeliveryId, Uri Url, string Body, Func<string, long, string> Signatures)
    {
        public override string ToString() => $"delivery {DeliveryId}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Limit).InclusiveBetween(1, 1000);
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ISecretProtector protector, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var organization = scope.Organization!.Value.Value;
            var now = time.GetUtcNow();
            var until = now + Lease;
            var claimed = await db.WebhookDeliveries.FromSql($"""
                WITH due AS (
                    SELECT d.id, w.failing_since IS NOT NULL AS failing, row_number() OVER (PARTITION BY d.webhook_id ORDER BY d.next_attempt_at, d.id) AS place
                    FROM webhook_deliveries d
                    JOIN webhooks w ON w.organization_id = d.organization_id AND w.id = d.webhook_id
                    WHERE d.organization_id = {organization} AND d.status = 'pending' AND d.next_attempt_at <= {now} AND w.disabled_at IS NULL
                ), mine AS (
                    SELECT d.id
                    FROM webhook_deliveries d
                    WHERE d.organization_id = {organization} AND d.status = 'pending' AND d.next_attempt_at <= {now}
                      AND d.id IN (SELECT id FROM due WHERE place <= CASE WHEN failing THEN 1 ELSE {PerWebhook} END)
                    ORDER BY d.next_attempt_at
                    LIMIT {request.Limit}
                    FOR UPDATE SKIP LOCKED
                )
                UPDATE webhook_deliveries d SET next_attempt_at = {until}, attempts = d.attempts + 1
                FROM mine
                WHERE d.organization_id = {organization} AND d.id = mine.id
                RETURNING d.*, d.xmin
                """).IgnoreQueryFilters().AsNoTracking().ToListAsync(cancellationToken);
            var ids = claimed.Select(d => d.WebhookId).Distinct().ToList();
            var items = new List<Item>();
            foreach (var webhook in await db.Webhooks.AsNoTracking().Where(w => ids.Contains(w.Id)).ToListAsync(cancellationToken))
            {
                var url = new Uri(Encoding.UTF8.GetString(await protector.UnprotectAsync(WebhookSecret.UrlContextOf(webhook.Id.Value), webhook.ProtectedUrl, cancellationToken)));
                var secrets = await SecretsAsync(webhook, now, cancellationToken);
                items.AddRange(claimed.Where(d => d.WebhookId == webhook.Id).Select(d => new Item(
                    d.Id.Value, url, d.Body, (id, timestamp) => string.Join(' ', secrets.Select(s => WebhookSecret.Sign(s, id, timestamp, d.Body))))));
            }

            return new(items);
        }

        private async Task<IReadOnlyList<byte[]>> SecretsAsync(Webhook webhook, DateTimeOffset now, CancellationToken cancellationToken)
        {
            var context = WebhookSecret.ContextOf(webhook.Id.Value);
            var current = await protector.UnprotectAsync(context, webhook.ProtectedSecret, cancellationToken);
            return webhook is { ProtectedPreviousSecret: { } previous, PreviousSecretUntil: { } until } && now < until
                ? [current, await protector.UnprotectAsync(context, previous, cancellationToken)]
                : [current];
        }
    }
}
