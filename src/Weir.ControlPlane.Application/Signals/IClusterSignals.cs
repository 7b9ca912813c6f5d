using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>The one way to hear that something happened, here or at another replica. Whoever changes something says so in its transaction.</summary>
public interface IClusterSignals
{
    /// <summary>What one transaction has to say. Whoever reads in batches gets it in one.</summary>
    void Publish(IReadOnlyList<ClusterSignal> signals);

    /// <summary>From the call on, all signals of an organization; of all organizations for null. Whoever subscribes disposes of it.</summary>
    ClusterSubscription Subscribe(OrganizationId? organization);
}
