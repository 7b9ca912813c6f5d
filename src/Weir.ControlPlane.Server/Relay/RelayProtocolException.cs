namespace Weir.ControlPlane.Server.Relay;

/// <summary>A client sent what PostgreSQL would answer by closing.</summary>
internal sealed class RelayProtocolException(string message) : Exception(message);
