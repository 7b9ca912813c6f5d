using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Webhooks;

public static class GetWebhook
{
    [RequirePermission(Permission.ReadSettings)]
    public sealed record Query(Guid WebhookId) : IRequest<WebhookView>;

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, WebhookView>
    {
        public async ValueTask<WebhookView> Handle(Query request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            return WebhookView.Of(webhook, await db.CountWaitingAsync(webhook.Id, cancellationToken));
        }
    }
}
