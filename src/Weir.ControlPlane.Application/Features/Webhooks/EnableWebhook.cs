using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>Tells it again, of what happens from now on; what it missed is not made up for.</summary>
public static class EnableWebhook
{
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(Guid WebhookId) : IRequest<WebhookView>;

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal) : IRequestHandler<Command, WebhookView>
    {
        public async ValueTask<WebhookView> Handle(Command request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            webhook.Enable();
            journal.Audit("webhook.enable", "webhook", webhook.Id.ToString(), null, null, ("name", webhook.Name));
            journal.Signal(new WebhookChanged(webhook.OrganizationId, webhook.Id, HasWork: false));
            return WebhookView.Of(webhook, await db.CountWaitingAsync(webhook.Id, cancellationToken));
        }
    }
}
