using System.Net;
using System.Text;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>Checks what an administrator asks for, and makes of it what is stored.</summary>
internal sealed class WebhookTargets(ISecretProtector protector, ControlPlaneOptions options)
{
    public const int MaxUrlLength = 2000;

    /// <exception cref="ValidationFailedException">The address is none that is ever connected to.</exception>
    public async ValueTask<WebhookTarget> CreateAsync(
        WebhookId id,
        string name,
        string url,
        WebhookFormat format,
        IReadOnlyList<string>? events,
        IReadOnlyDictionary<string, string>? connectionLabels,
        CancellationToken cancellationToken)
    {
        var address = Check(url);
        return new(
            name,
            await protector.ProtectAsync(WebhookSecret.UrlContextOf(id.Value), Encoding.UTF8.GetBytes(address.AbsoluteUri), cancellationToken),
            Shown(address),
            format,
            [.. (events ?? []).Distinct().Order(StringComparer.Ordinal)],
            connectionLabels ?? new Dictionary<string, string>());
    }

    // What a name resolves to is looked at again, and bindingly, by whoever connects; this only spares a person the wait for it.
    private Uri Check(string url)
    {
        if (url.Length > MaxUrlLength || !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http") || address.Host.Length == 0)
        {
            throw new ValidationFailedException("url", $"An https address of at most {MaxUrlLength} characters.");
        }

        if (address.UserInfo.Length > 0 || address.Fragment.Length > 0)
        {
            throw new ValidationFailedException("url", "Without user, password and fragment.");
        }

        var encrypted = address.Scheme == "https";
        if (!encrypted && !options.WebhookNetworks.AllowsAny)
        {
            throw new ValidationFailedException("url", "https: plain http is for networks that WEIR_WEBHOOK_ALLOWED_NETWORKS of the server names.");
        }

        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && !options.WebhookNetworks.Permits(ip, encrypted))
        {
            throw new ValidationFailedException("url", $"{ip} is not public, and WEIR_WEBHOOK_ALLOWED_NETWORKS of the server does not name it.");
        }

        return address;
    }

    private static string Shown(Uri address)
    {
        var origin = address.GetLeftPart(UriPartial.Authority);
        return address.PathAndQuery == "/" ? origin : origin + "/…";
    }
}
