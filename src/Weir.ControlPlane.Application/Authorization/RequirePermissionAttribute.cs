namespace Weir.ControlPlane.Application.Authorization;

/// <summary>Declares what a request needs. A request without it keeps the control plane from starting.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RequirePermissionAttribute(Permission permission) : Attribute
{
    public Permission Permission { get; } = permission;
}
