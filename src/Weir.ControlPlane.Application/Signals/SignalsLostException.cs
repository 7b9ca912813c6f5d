namespace Weir.ControlPlane.Application.Signals;

/// <summary>A subscriber read too slowly and has missed signals.</summary>
public sealed class SignalsLostException() : Exception("Too many signals waited for this subscriber.");
