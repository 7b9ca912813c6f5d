namespace Weir.ControlPlane.Domain.Access;

public enum GrantStatus
{
    Active,
    Ended,
    Revoked,
}
