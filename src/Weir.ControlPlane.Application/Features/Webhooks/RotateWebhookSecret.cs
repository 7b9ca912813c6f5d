using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>A new secret. What is sent carries signatures with both until the receiver had a day to follow.</summary>
public static class RotateWebhookSecret
{
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(Guid WebhookId) : IRequest<Response>;

    /// <param name="Secret">Shown this once.</param>
    public sealed record Response(Guid Id, string Secret, DateTimeOffset PreviousSecretUntil)
    {
        public override string ToString() => $"webhook {Id}";
    }

    internal sealed class Handler(WeirDbContext db, ISecretProtector protector, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            var secret = WebhookSecret.Create();
            webhook.Rotate(await protector.ProtectAsync(WebhookSecret.ContextOf(webhook.Id.Value), secret, cancellationToken), time.GetUtcNow());
            journal.Audit("webhook.rotate_secret", "webhook", webhook.Id.ToString(), null, null, ("name", webhook.Name));
            journal.Signal(new WebhookChanged(webhook.OrganizationId, webhook.Id, HasWork: false));
            return new(webhook.Id.Value, WebhookSecret.Text(secret), webhook.PreviousSecretUntil!.Value);
        }
    }
}
