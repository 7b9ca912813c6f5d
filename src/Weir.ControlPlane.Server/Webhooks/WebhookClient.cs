using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.Webhooks;

namespace Weir.ControlPlane.Server.Webhooks;

/// <summary>
/// Makes one attempt. The address that a connection really goes to is checked, after the name was resolved and before anything is sent, so that neither a name
/// nor a change of its records gets round the check; redirects are answers like any other, and of an answer nothing but its status is looked at.
/// </summary>
internal sealed class WebhookClient : IDisposable
{
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    private const int LargestHeaders = 16;
    private const int LargestDrain = 64 * 1024;

    private readonly OutboundNetworks _networks;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly TimeProvider _time;
    private readonly TimeSpan _deadline;
    private readonly HttpClient _http;

    public WebhookClient(OutboundNetworks networks, TimeProvider time)
        : this(networks, time, DefaultDeadline, Dns.GetHostAddressesAsync)
    {
    }

    /// <param name="deadline">Of an attempt as a whole.</param>
    public WebhookClient(OutboundNetworks networks, TimeProvider time, TimeSpan deadline, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        (_networks, _time, _deadline, _resolve) = (networks, time, deadline, resolve);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = LargestHeaders,
            MaxResponseDrainSize = LargestDrain,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxConnectionsPerServer = 16,
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<WebhookAnswer> SendAsync(ClaimWebhookDeliveries.Item item, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = Create(item);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            return status switch
            {
                >= 200 and < 300 => new(status, null, null),
                >= 300 and < 400 => new(status, $"The receiver answered {status}; redirects are not followed.", null),
                _ => new(status, $"The receiver answered {status}.", RetryAfter(response.Headers.RetryAfter)),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"No answer within {_deadline.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.", null);
        }
        catch (HttpRequestException fault)
        {
            return new(null, Describe(fault), null);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Create(ClaimWebhookDeliveries.Item item)
    {
        var id = item.DeliveryId.ToString();
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, item.Url)
        {
            Content = new StringContent(item.Body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Weir-Webhooks", "1"));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", item.Signatures(id, timestamp));
        return request;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellationToken);
        var encrypted = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps;
        var permitted = addresses.Where(a => _networks.Permits(a, encrypted)).ToArray();
        if (permitted.Length == 0)
        {
            throw new OutboundRefusedException(addresses.Length == 0 ? "The name has no address." : "The address is not public, or not one that may be reached without TLS.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The addresses themselves: the name is not asked for a second time.
            await socket.ConnectAsync(permitted, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } at && at > _time.GetUtcNow() ? at - _time.GetUtcNow() : null);

    // The exceptions' own messages name addresses and quote what the other side sent.
    private static string Describe(HttpRequestException fault)
    {
        for (Exception? e = fault; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case OutboundRefusedException refused:
                    return refused.Message;
                case AuthenticationException:
                    return "The receiver's TLS certificate is not valid for its name.";
                case SocketException socket:
                    return socket.SocketErrorCode switch
                    {
                        SocketError.ConnectionRefused => "The connection was refused.",
                        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "The name can't be resolved.",
                        SocketError.NetworkUnreachable or SocketError.HostUnreachable => "The receiver can't be reached.",
                        _ => "The connection failed.",
                    };
                default:
                    continue;
            }
        }

        return fault.HttpRequestError switch
        {
            HttpRequestError.ConfigurationLimitExceeded => "The answer's headers are too large.",
            HttpRequestError.SecureConnectionError => "No TLS connection could be made.",
            _ => "The receiver's answer was no HTTP, or ended early.",
        };
    }
}
