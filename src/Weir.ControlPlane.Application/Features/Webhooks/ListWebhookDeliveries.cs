using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>What one webhook was sent lately, newest first.</summary>
public static class ListWebhookDeliveries
{
    [RequirePermission(Permission.ReadSettings)]
    public sealed record Query(Guid WebhookId, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<WebhookDeliveryView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).MustBePageLimit();
    }

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, Page<WebhookDeliveryView>>
    {
        public async ValueTask<Page<WebhookDeliveryView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            var deliveries = db.WebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == webhook.Id);
            if (PageCursor.Parse(request.After) is { } after)
            {
                var id = new WebhookDeliveryId(after.Id);
                deliveries = deliveries.Where(d => EF.Functions.LessThan(ValueTuple.Create(d.CreatedAt, d.Id), ValueTuple.Create(after.At, id)));
            }

            var rows = await deliveries.OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id).Take(request.Limit + 1).ToListAsync(cancellationToken);
            return rows.ConvertAll(WebhookDeliveryView.Of).ToPage(request.Limit, d => new PageCursor(d.CreatedAt, d.Id).ToString());
        }
    }
}
