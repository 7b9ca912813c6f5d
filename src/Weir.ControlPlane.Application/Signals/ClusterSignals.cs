using System.Collections.Concurrent;
using System.Threading.Channels;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>Who listens in this process. What happens here is published at once; what happens at other replicas arrives through <see cref="ClusterChannel"/>.</summary>
internal sealed class ClusterSignals : IClusterSignals
{
    /// <summary>Signals that may wait for one subscriber.</summary>
    public const int Capacity = 4096;

    private readonly ConcurrentDictionary<Channel<ClusterSignal>, OrganizationId?> _subscribers = [];

    public void Publish(ClusterSignal signal)
    {
        foreach (var (channel, organization) in _subscribers)
        {
            if ((organization is null || organization == signal.Organization) && !channel.Writer.TryWrite(signal))
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
        var channel = Channel.CreateBounded<ClusterSignal>(new BoundedChannelOptions(Capacity) { SingleReader = true });
        _subscribers[channel] = organization;
        return new ClusterSubscription(channel.Reader, () =>
        {
            _subscribers.TryRemove(channel, out _);
            channel.Writer.TryComplete();
        });
    }
}
