namespace Weir.ControlPlane.Domain.Principals;

/// <summary>Who says that a principal is in a group. A sign-in replaces what the identity provider said, and leaves the rest alone.</summary>
public enum MembershipSource
{
    Local,
    Oidc,
}
