using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>Tells it nothing any more; what waits to be sent is given up.</summary>
public static class DisableWebhook
{
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(Guid WebhookId) : IRequest<WebhookView>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, WebhookView>
    {
        public async ValueTask<WebhookView> Handle(Command request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            webhook.Disable($"By {scope.Actor.Name}.", time.GetUtcNow());
            await WebhookGivenUp.GiveUpWaitingAsync(db, webhook.Id, time.GetUtcNow(), cancellationToken);
            journal.Audit("webhook.disable", "webhook", webhook.Id.ToString(), null, null, ("name", webhook.Name));
            journal.Signal(new WebhookChanged(webhook.OrganizationId, webhook.Id, HasWork: false));
            return WebhookView.Of(webhook, 0);
        }
    }
}
