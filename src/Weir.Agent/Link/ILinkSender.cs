using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>Where messages to the control plane go. Thread-safe and never blocks.</summary>
internal interface ILinkSender
{
    /// <returns>False when there is no connection now; what must arrive is sent again when there is one.</returns>
    bool TrySend(AgentMessage message);
}
