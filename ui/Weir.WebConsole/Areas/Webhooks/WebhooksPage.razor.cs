using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.WebConsole.Areas.Webhooks;

/// <summary>Who outside is told of what.</summary>
public sealed partial class WebhooksPage
{
    private IReadOnlyList<WebhookView> _webhooks = [];
    private bool _isCreating;

    protected override bool Concerns(ConsoleChange change) => change.Subject == ConsoleSubject.Webhooks;

    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _webhooks = (await Mediator.SendAsync(new ListWebhooks.Query(), cancellationToken)).Items;

    private Task CloseAsync()
    {
        _isCreating = false;
        return ReloadAsync();
    }
}
