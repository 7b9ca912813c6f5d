using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>The one way by which a replica tells the others, and itself, that something happened.</summary>
public interface IClusterSignals
{
    void Publish(ClusterSignal signal);

    /// <summary>From the call on, all signals of an organization; of all organizations for null. Whoever subscribes disposes of it.</summary>
    ClusterSubscription Subscribe(OrganizationId? organization);
}
