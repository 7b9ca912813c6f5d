namespace Weir.ControlPlane.Domain.Principals;

/// <summary>What a principal may do in the control plane. Every principal is a member; approvals come from groups, not from roles.</summary>
[Flags]
public enum Roles
{
    Member = 0,
    Auditor = 1,
    Administrator = 2,
}
