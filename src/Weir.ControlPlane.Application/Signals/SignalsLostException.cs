namespace Weir.ControlPlane.Application.Signals;

/// <summary>A subscriber may have missed signals: it read too slowly, or the other replicas could not be heard for a while.</summary>
public sealed class SignalsLostException() : Exception("Signals may have been missed.");
