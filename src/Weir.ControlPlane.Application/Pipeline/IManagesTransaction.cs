namespace Weir.ControlPlane.Application.Pipeline;

/// <summary>Marks a request whose handler runs its own transaction, because it has something to wait for after the commit.</summary>
internal interface IManagesTransaction;
