using System.Net.Sockets;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;

namespace Weir.Agent.Net;

/// <content>The upstream leg: connecting, encryption, another host. A generation tells what belongs to a leg that was given up.</content>
internal sealed partial class StreamDriver
{
    public override void ConnectUpstream(UpstreamHost host, TimeSpan timeout)
    {
        var generation = ++_upstreamGeneration;
        _tasks.Add(ConnectAsync(host, timeout, generation));
    }

    public override void StartUpstreamTls(UpstreamTlsOptions options)
    {
        // The reader must not take bytes of the handshake: it ends, and a new one starts on the encrypted stream.
        _upstream!.IsHandedOver = true;
        _tasks.Add(EncryptAsync(options, _upstreamGeneration));
    }

    /// <summary>The timer of the driver before is gone, and its wish with it: logging in has all of its time once more.</summary>
    private void Continue(UpstreamTlsOptions options)
    {
        WakeAfter(_services.Options.UpstreamDeadline);
        StartUpstreamTls(options);
    }

    public override void DropUpstream()
    {
        _upstreamGeneration++;
        _upstream?.Dispose();
        _upstream = null;
        _session.ToUpstream.Clear();
    }

    private async Task ConnectAsync(UpstreamHost host, TimeSpan timeout, int generation)
    {
        // Not inside the call that asked for it: a call must not come into the middle of another.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        using var timer = _services.Time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), deadline, timeout, Timeout.InfiniteTimeSpan);
        try
        {
            var socket = await UpstreamConnector.ConnectAsync(host, deadline.Token).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            Call(s =>
            {
                if (generation != _upstreamGeneration || s.IsOver)
                {
                    stream.Dispose();
                    return;
                }

                _upstream?.Dispose();
                _upstream = new StreamLeg(stream);
                s.OnUpstreamConnected();
                _tasks.Add(ReadAsync(_upstream, isClient: false, generation));
            });
        }
        catch (Exception fault) when (IsConnectionFault(fault))
        {
            var reason = fault is OperationCanceledException ? "connecting took too long" : fault.Message;
            Call(s =>
            {
                if (generation == _upstreamGeneration)
                    s.OnUpstreamFailed(reason);
            });
        }
    }

    private async Task EncryptAsync(UpstreamTlsOptions options, int generation)
    {
        var leg = _upstream!;
        // Not inside the call that asked for it: a call must not come into the middle of another.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            using var timer = _services.Time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), deadline, _services.Options.UpstreamConnectTimeout, Timeout.InfiniteTimeSpan);
            var (stream, hash) = await UpstreamConnector.EncryptAsync(leg.Stream, options, deadline.Token).ConfigureAwait(false);
            Call(s =>
            {
                leg.Stream = stream;
                leg.IsHandedOver = false;
                if (generation != _upstreamGeneration)
                    return;
                s.OnUpstreamTls(hash);
                _tasks.Add(ReadAsync(leg, isClient: false, generation));
            });
        }
        catch (Exception fault) when (IsConnectionFault(fault) || fault is System.Security.Authentication.AuthenticationException)
        {
            Call(s =>
            {
                if (generation == _upstreamGeneration)
                    s.OnUpstreamFailed("TLS: " + fault.Message);
            });
        }
    }
}
