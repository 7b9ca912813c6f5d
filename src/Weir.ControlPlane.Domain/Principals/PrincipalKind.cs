namespace Weir.ControlPlane.Domain.Principals;

public enum PrincipalKind
{
    User,
    ServiceAccount,
    AiAgent,
}
