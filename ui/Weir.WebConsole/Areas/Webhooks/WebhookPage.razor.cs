using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;

namespace Weir.WebConsole.Areas.Webhooks;

/// <summary>One webhook: its state, and what was sent.</summary>
public sealed partial class WebhookPage
{
    private readonly PagedList<WebhookDeliveryView> _deliveries;
    private WebhookView? _webhook;
    private string? _secret;
    private bool _isChanging;

    public WebhookPage() => _deliveries = new((after, limit, token) => Mediator.SendAsync(new ListWebhookDeliveries.Query(Id, after, limit), token));

    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    protected override object LoadKey => Id;

    protected override bool Concerns(ConsoleChange change) => change.Subject == ConsoleSubject.Webhooks && (change.Id is null || change.Id == Id);

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _webhook = await Mediator.SendAsync(new GetWebhook.Query(Id), cancellationToken);
        await _deliveries.LoadAsync(cancellationToken);
    }

    private Task CloseAsync()
    {
        _isChanging = false;
        return ReloadAsync();
    }

    private Task TestAsync() => ActAsync(token => Mediator.SendAsync(new TestWebhook.Command(Id), token));

    private Task RotateAsync() => ActAsync(async token => _secret = (await Mediator.SendAsync(new RotateWebhookSecret.Command(Id), token)).Secret);

    private Task EnableAsync() => ActAsync(token => Mediator.SendAsync(new EnableWebhook.Command(Id), token));

    private Task DisableAsync() => ActAsync(token => Mediator.SendAsync(new DisableWebhook.Command(Id), token));

    private Task RedeliverAsync(Guid delivery) => ActAsync(token => Mediator.SendAsync(new RedeliverWebhookDelivery.Command(delivery), token));

    private async Task DeleteAsync()
    {
        if (await TryActAsync(token => Mediator.SendAsync(new DeleteWebhook.Command(Id), token), reload: false))
        {
            Navigation.NavigateTo("/webhooks");
        }
    }
}
