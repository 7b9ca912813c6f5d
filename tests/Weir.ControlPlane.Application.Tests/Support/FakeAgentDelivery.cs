using Weir.ControlPlane.Application.Delivery;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>Answers at once, and remembers what it was asked to wait for.</summary>
internal sealed class FakeAgentDelivery : IAgentDelivery
{
    public DeliveryOutcome Outcome { get; set; } = DeliveryOutcome.Delivered;

    public long LastSequence { get; private set; }

    public IReadOnlyCollection<AgentId> LastAgents { get; private set; } = [];

    public Task<DeliveryOutcome> WaitForCredentialsAsync(
        OrganizationId organization, IReadOnlyCollection<AgentId> agents, long sequence, TimeSpan timeout, CancellationToken cancellationToken)
    {
        (LastSequence, LastAgents) = (sequence, agents);
        return Task.FromResult(Outcome);
    }
}
