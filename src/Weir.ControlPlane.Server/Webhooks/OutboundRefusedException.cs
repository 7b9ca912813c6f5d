namespace Weir.ControlPlane.Server.Webhooks;

/// <summary>The address must not be connected to. The message tells what kind it is, never which.</summary>
internal sealed class OutboundRefusedException(string message) : Exception(message);
