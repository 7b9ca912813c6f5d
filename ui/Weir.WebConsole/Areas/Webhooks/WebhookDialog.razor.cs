using Microsoft.AspNetCore.Components;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.WebConsole.Areas.Webhooks;

/// <summary>Adds a webhook and shows its secret once, or changes one.</summary>
public sealed partial class WebhookDialog
{
    private readonly HashSet<string> _events = [];
    private string _name = "";
    private string _url = "";
    private WebhookFormat _format;
    private string _labels = "";
    private string? _secret;

    /// <summary>The one to change; null for a new one.</summary>
    [Parameter]
    public WebhookView? Webhook { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    protected override Task LoadAsync(CancellationToken cancellationToken)
    {
        if (Webhook is { } webhook)
        {
            _name = webhook.Name;
            _format = webhook.Format == "slack" ? WebhookFormat.Slack : WebhookFormat.Standard;
            _events.UnionWith(webhook.Events);
            _labels = string.Join(", ", webhook.ConnectionLabels.Select(l => $"{l.Key}={l.Value}"));
        }

        return Task.CompletedTask;
    }

    private void Choose(string name, bool chosen)
    {
        if (chosen)
        {
            _events.Add(name);
        }
        else
        {
            _events.Remove(name);
        }
    }

    private async Task SaveAsync()
    {
        var url = string.IsNullOrWhiteSpace(_url) ? null : _url.Trim();
        var saved = await TryActAsync(
            async token =>
            {
                if (Webhook is { } webhook)
                {
                    await Mediator.SendAsync(new ChangeWebhook.Command(webhook.Id, _name.Trim(), url, _format, [.. _events], Labels()), token);
                }
                else
                {
                    _secret = (await Mediator.SendAsync(new CreateWebhook.Command(_name.Trim(), url ?? "", _format, [.. _events], Labels()), token)).Secret;
                }
            },
            reload: false);
        if (saved && Webhook is not null)
        {
            await OnClose.InvokeAsync();
        }
    }

    private Dictionary<string, string> Labels() => _labels
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(l => l.Split('=', 2, StringSplitOptions.TrimEntries))
        .GroupBy(l => l[0], StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Last().ElementAtOrDefault(1) ?? "", StringComparer.Ordinal);
}
