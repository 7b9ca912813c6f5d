using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>Something that happened and that others may want to act on at once. It is a hint: the truth is in the database.</summary>
public abstract record ClusterSignal(OrganizationId Organization);
