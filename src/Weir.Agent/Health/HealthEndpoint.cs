using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Weir.Agent.Health;

/// <summary>
/// <c>/healthz</c> (the process runs), <c>/readyz</c> (it can serve sessions; else 503 and why not) and <c>/metrics</c> (Prometheus text format 0.0.4) over the least HTTP/1.1 that
/// probes and scrapers need: GET and HEAD, no body, one request per connection. Requests are at most 4 KiB and take at most five seconds, 32 at a time.
/// </summary>
internal sealed partial class HealthEndpoint(IPEndPoint listen, HealthReport report, TimeProvider time, ILogger log) : IDisposable
{
    private const int MaxRequestBytes = 4096;
    private const int MostAtOnce = 32;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly TcpListener _listener = new(listen);
    private readonly SemaphoreSlim _places = new(MostAtOnce, MostAtOnce);

    /// <summary>With the real port, after <see cref="Start"/>.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <exception cref="SocketException">The address is taken or not there.</exception>
    public void Start()
    {
        if (listen.Address.Equals(IPAddress.IPv6Any))
            _listener.Server.DualMode = true;
        _listener.Start(MostAtOnce);
    }

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var serving = new HashSet<Task>();
        while (!cancellationToken.IsCancellationRequested)
        {
            serving.RemoveWhere(t => t.IsCompleted);
            try
            {
                await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
                var socket = await _listener.AcceptSocketAsync(cancellationToken).ConfigureAwait(false);
                serving.Add(Task.Run(() => ServeAsync(socket, cancellationToken), CancellationToken.None));
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException exception)
            {
                _places.Release();
                LogAcceptFailed(log, exception.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _listener.Stop();
        await Task.WhenAll(serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _places.Dispose();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            using var deadline = new CancellationTokenSource(Deadline, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var request = await ReadRequestAsync(socket, either.Token).ConfigureAwait(false);
            if (request is not null)
                await SendAsync(socket, Answer(request), either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Whoever asked is gone or too slow; there is nobody to tell.
        }
        finally
        {
            socket.Dispose();
            _places.Release();
        }
    }

    // The request line; null when there is none within the limits.
    private static async Task<string?> ReadRequestAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxRequestBytes];
        var length = 0;
        while (length < buffer.Length)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return null;
            length += count;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
                return Encoding.ASCII.GetString(buffer, 0, buffer.AsSpan(0, length).IndexOf("\r\n"u8));
        }

        return null;
    }

    private byte[] Answer(string requestLine)
    {
        var parts = requestLine.Split(' ');
        var path = parts.Length == 3 ? parts[1].Split('?')[0] : "";
        var (status, type, body) = (parts[0], path) switch
        {
            (not ("GET" or "HEAD"), _) => ("405 Method Not Allowed", "text/plain; charset=utf-8", "only GET and HEAD\n"),
            (_, "/healthz") => ("200 OK", "text/plain; charset=utf-8", "ok\n"),
            (_, "/readyz") => report.NotReadyBecause() is { } reason
                ? ("503 Service Unavailable", "text/plain; charset=utf-8", reason + "\n")
                : ("200 OK", "text/plain; charset=utf-8", "ready\n"),
            (_, "/metrics") => ("200 OK", "text/plain; version=0.0.4; charset=utf-8", report.ToPrometheusText()),
            _ => ("404 Not Found", "text/plain; charset=utf-8", "/healthz, /readyz, /metrics\n"),
        };
        var content = Encoding.UTF8.GetBytes(body);
        var head = Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {content.Length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
        return parts[0] == "HEAD" ? head : [.. head, .. content];
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
        socket.Shutdown(SocketShutdown.Send);
    }

    [LoggerMessage(3301, LogLevel.Warning, "The health endpoint could not accept a connection: {Reason}")]
    private static partial void LogAcceptFailed(ILogger log, string reason);
}
