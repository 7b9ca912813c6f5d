namespace Weir.ControlPlane.Application.Delivery;

public enum DeliveryOutcome
{
    /// <summary>All connected agents among those asked about have it.</summary>
    Delivered,

    /// <summary>None of them is connected.</summary>
    NoAgentConnected,

    TimedOut,
}
