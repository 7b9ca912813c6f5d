namespace Weir.ControlPlane.Domain.Audit;

/// <summary>Who did it.</summary>
/// <param name="Id">The principal or agent; null for the system itself and for those who are not known (yet).</param>
public sealed record AuditActor(Guid? Id, string Name, string Kind);
