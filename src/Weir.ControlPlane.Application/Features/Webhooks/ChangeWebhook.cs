using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Webhooks;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

public static class ChangeWebhook
{
    /// <param name="Url">Null to keep the one that is there, which nobody is shown whole.</param>
    /// <param name="Events">Null for all.</param>
    /// <param name="ConnectionLabels">Null for all connections.</param>
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(
        Guid WebhookId,
        string Name,
        string? Url,
        WebhookFormat Format = WebhookFormat.Standard,
        IReadOnlyList<string>? Events = null,
        IReadOnlyDictionary<string, string>? ConnectionLabels = null) : IRequest<WebhookView>
    {
        public override string ToString() => $"change webhook {WebhookId}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Name).MustBeWebhookName();
            RuleFor(c => c.Format).IsInEnum();
            RuleFor(c => c.Events).MustBeEvents();
            RuleFor(c => c.ConnectionLabels).MustBeLabels();
        }
    }

    internal sealed class Handler(WeirDbContext db, WebhookTargets targets, ISecretProtector protector, ChangeJournal journal) : IRequestHandler<Command, WebhookView>
    {
        public async ValueTask<WebhookView> Handle(Command request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            if (await db.Webhooks.AnyAsync(w => w.Name == request.Name && w.Id != webhook.Id, cancellationToken))
            {
                throw new ConflictException("There is one of that name already.");
            }

            var url = request.Url
                ?? System.Text.Encoding.UTF8.GetString(await protector.UnprotectAsync(WebhookSecret.UrlContextOf(request.WebhookId), webhook.ProtectedUrl, cancellationToken));
            webhook.Change(await targets.CreateAsync(webhook.Id, request.Name, url, request.Format, request.Events, request.ConnectionLabels, cancellationToken));
            journal.Audit("webhook.change", "webhook", webhook.Id.ToString(), null, null, ("name", webhook.Name), ("url", webhook.ShownUrl), ("events", string.Join(',', webhook.Events)));
            journal.Signal(new WebhookChanged(webhook.OrganizationId, webhook.Id, HasWork: false));
            return WebhookView.Of(webhook, await db.CountWaitingAsync(webhook.Id, cancellationToken));
        }
    }
}
