using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>With its deliveries, also those that wait.</summary>
public static class DeleteWebhook
{
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(Guid WebhookId) : IRequest;

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            db.Webhooks.Remove(webhook);
            journal.Audit("webhook.delete", "webhook", webhook.Id.ToString(), null, null, ("name", webhook.Name));
            journal.Signal(new WebhookChanged(webhook.OrganizationId, webhook.Id, HasWork: false));
            return Unit.Value;
        }
    }
}
