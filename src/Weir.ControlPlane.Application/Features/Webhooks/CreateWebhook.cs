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

/// <summary>An address that is told of reviews and access requests.</summary>
public static class CreateWebhook
{
    /// <param name="Events">Null for all.</param>
    /// <param name="ConnectionLabels">Only what is about connections with all of these labels; null for all connections.</param>
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(
        string Name,
        string Url,
        WebhookFormat Format = WebhookFormat.Standard,
        IReadOnlyList<string>? Events = null,
        IReadOnlyDictionary<string, string>? ConnectionLabels = null) : IRequest<Response>
    {
        public override string ToString() => $"create webhook {Name}";
    }

    /// <param name="Secret">Signs what is sent. Shown this once.</param>
    public sealed record Response(Guid Id, string Secret, WebhookView Webhook)
    {
        public override string ToString() => $"webhook {Id}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Name).MustBeWebhookName();
            RuleFor(c => c.Url).NotEmpty();
            RuleFor(c => c.Format).IsInEnum();
            RuleFor(c => c.Events).MustBeEvents();
            RuleFor(c => c.ConnectionLabels).MustBeLabels();
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, WebhookTargets targets, ISecretProtector protector, ChangeJournal journal, TimeProvider time)
        : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            if (await db.Webhooks.CountAsync(cancellationToken) >= WebhookRules.MaxWebhooks)
            {
                throw new ConflictException($"There are {WebhookRules.MaxWebhooks} webhooks already.");
            }

            if (await db.Webhooks.AnyAsync(w => w.Name == request.Name, cancellationToken))
            {
                throw new ConflictException("There is one of that name already.");
            }

            var now = time.GetUtcNow();
            var id = WebhookId.New(now);
            var secret = WebhookSecret.Create();
            var target = await targets.CreateAsync(id, request.Name, request.Url, request.Format, request.Events, request.ConnectionLabels, cancellationToken);
            var webhook = new Webhook(
                scope.Organization!.Value, id, target, await protector.ProtectAsync(WebhookSecret.ContextOf(id.Value), secret, cancellationToken), now);
            db.Webhooks.Add(webhook);
            journal.Audit("webhook.create", "webhook", id.ToString(), null, null, ("name", webhook.Name), ("url", webhook.ShownUrl), ("events", string.Join(',', webhook.Events)));
            journal.Signal(new WebhookChanged(webhook.OrganizationId, id, HasWork: false));
            return new(id.Value, WebhookSecret.Text(secret), WebhookView.Of(webhook, 0));
        }
    }
}
