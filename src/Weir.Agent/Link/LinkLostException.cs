namespace Weir.Agent.Link;

/// <summary>The connection to the control plane is of no use any more. It is made anew.</summary>
internal sealed class LinkLostException(string message) : Exception(message);
