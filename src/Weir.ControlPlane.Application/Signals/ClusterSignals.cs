using System.Collections.Concurrent;
using System.Threading.Channels;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>Who listens in this process. What happens here is published at once; what happens at other replicas arrives through <see cref="ClusterChannel"/>.</summary>
internal sealed class ClusterSignals : IClusterSignals
{
    /// <summary>Transactions whose signals may wait for one subscriber.</summary>
    public const int Capacity = 4096;

    private readonly ConcurrentDictionary<Channel<IReadOnlyList<ClusterSignal>>, OrganizationId?> _subscribers = [];

    public void Publish(IReadOnlyList<ClusterSignal> signals)
    {
        foreach (var (channel, organization) in _subscribers)
        {
            var heard = organization is null || signals.All(s => s.Organization == organization) ? signals : [.. signals.Where(s => s.Organization == organization)];
            if (heard.Count > 0 && !channel.Writer.TryWrite(heard))
            {
                channel.Writer.TryComplete(new SignalsLostException());
            }
        }
    }

    /// <summary>Signals of other replicas may have been missed: every subscriber has to look at the database anew.</summary>
    public void Lose()
    {
        foreach (var channel in _subscribers.Keys)
        {
            channel.Writer.TryComplete(new SignalsLostException());
        }
    }

    public ClusterSubscription Subscribe(OrganizationId? organization)
    {
        var channel = Channel.CreateBounded<IReadOnlyList<ClusterSignal>>(new BoundedChannelOptions(Capacity) { SingleReader = true });
        _subscribers[channel] = organization;
        return new ClusterSubscription(channel.Reader, () =>
        {
            _subscribers.TryRemove(channel, out _);
            channel.Writer.TryComplete();
        });
    }
}
