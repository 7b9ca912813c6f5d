using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>Dials the tunnel of every relayed client that the control plane announces, and hands it to the sessions.</summary>
internal sealed partial class TunnelDialer(
    Tunnel.TunnelClient client,
    Func<Metadata> authorize,
    ILinkedSessions sessions,
    int mostAtOnce,
    TimeProvider time,
    ILogger log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, Task> _dialing = new();
    private readonly CancellationTokenSource _stop = new();
    private long _last;

    /// <summary>Dials in the background; a client whose tunnel can't be dialled is dropped by the relay.</summary>
    public void Open(ByteString tunnelId)
    {
        if (_dialing.Count >= mostAtOnce)
        {
            LogTooMany(log, mostAtOnce);
            return;
        }

        var number = Interlocked.Increment(ref _last);
        var dial = Task.Run(() => DialAsync(tunnelId, number));
        _dialing.TryAdd(number, dial);
        if (dial.IsCompleted)
            _dialing.TryRemove(number, out _);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_dialing.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task DialAsync(ByteString tunnelId, long number)
    {
        try
        {
            var stream = await TunnelStream.DialAsync(client, authorize(), tunnelId, time, _stop.Token).ConfigureAwait(false);
            sessions.AcceptRelayed(stream, stream.Start);
        }
        catch (Exception exception) when (exception is RpcException or IOException or OperationCanceledException)
        {
            LogNotDialled(log, exception.Message);
        }
        finally
        {
            _dialing.TryRemove(number, out _);
        }
    }

    [LoggerMessage(3011, LogLevel.Warning, "A relayed client's tunnel could not be dialled: {Reason}")]
    private static partial void LogNotDialled(ILogger log, string reason);

    [LoggerMessage(3012, LogLevel.Warning, "More than {Most} tunnels are being dialled; a relayed client is left out")]
    private static partial void LogTooMany(ILogger log, int most);
}
