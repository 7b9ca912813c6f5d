namespace Weir.Policy.Access;

public enum PrincipalKind
{
    User,
    ServiceAccount,
    AiAgent,
}
