using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Weir.ControlPlane.Server.Tests.Support;

/// <summary>Takes HTTP requests on a real socket of 127.0.0.1 and does with each connection what a test tells it to.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly Func<Stream, CancellationToken, Task> _answer;
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;
    private int _accepted;

    /// <param name="answer">Writes an answer, or does not.</param>
    public WebhookReceiver(Func<Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Accepted => _accepted;

    /// <summary>Answers every request with a status and nothing else.</summary>
    public static WebhookReceiver Answering(string status, string headers = "") =>
        new((stream, token) => stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{headers}\r\n"), token).AsTask());

    public Task<Received> NextAsync() => _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                _connections.Add(ServeAsync(client));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = client.GetStream();
                while (await ReadAsync(stream) is { } request)
                {
                    _received.Writer.TryWrite(request);
                    await _answer(stream, _stop.Token);
                }
            }
            catch (Exception end) when (end is OperationCanceledException or IOException or SocketException)
            {
            }
        }
    }

    private async Task<Received?> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0].ToLowerInvariant(), l => l[1], StringComparer.Ordinal);
        var body = new byte[int.Parse(headers["content-length"], System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new(lines[0], headers, Encoding.UTF8.GetString(body));
    }

    internal sealed record Received(string RequestLine, IReadOnlyDictionary<string, string> Headers, string Body);
}
