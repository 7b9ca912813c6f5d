using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Delivery;

/// <summary>Port to the agents' links: has what was committed arrived?</summary>
public interface IAgentDelivery
{
    /// <summary>Waits until those of the agents that are connected have acknowledged the credentials up to <paramref name="sequence"/>.</summary>
    Task<DeliveryOutcome> WaitForCredentialsAsync(
        OrganizationId organization,
        IReadOnlyCollection<AgentId> agents,
        long sequence,
        TimeSpan timeout,
        CancellationToken cancellationToken);
}
