using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Agent.Tests.Net;

/// <summary>Stands in front of a database and damages what it answers to sessions, once they are logged in; the agent's own questions are left alone.</summary>
internal sealed class DamagingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _port;
    private readonly Func<Random?> _damage;
    private readonly Task _serving;

    /// <param name="port">The database's.</param>
    /// <param name="damage">Numbers for the next piece of an answer; null leaves it whole.</param>
    public DamagingProxy(int port, Func<Random?> damage)
    {
        _port = port;
        _damage = damage;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        while (!_stop.IsCancellationRequested)
            open.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        await Task.WhenAll(open);
    }

    private async Task CarryAsync(TcpClient agent)
    {
        using var client = agent;
        using var database = new TcpClient();
        try
        {
            await database.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
            var first = new byte[4096];
            var count = await client.GetStream().ReadAsync(first, _stop.Token);
            await database.GetStream().WriteAsync(first.AsMemory(0, count), _stop.Token);
            var isSession = !Encoding.UTF8.GetString(first, 0, count).Contains("weir:agent/", StringComparison.Ordinal);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var up = PumpAsync(client, database, damages: false, either.Token);
            var down = PumpAsync(database, client, isSession, either.Token);
            await Task.WhenAny(up, down);
            await either.CancelAsync();
            await Task.WhenAll(up, down);
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, and with it the other.
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool damages, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await from.GetStream().ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            var piece = damages && _damage() is { } random ? FuzzedStream.Damage(random, buffer.AsSpan(0, count), random.Next(1, 4)) : buffer[..count];
            await to.GetStream().WriteAsync(piece, cancellationToken);
        }
    }
}
