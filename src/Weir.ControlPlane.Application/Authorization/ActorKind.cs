namespace Weir.ControlPlane.Application.Authorization;

public enum ActorKind
{
    Anonymous,
    System,
    Agent,
    User,
    ServiceAccount,
    AiAgent,
}
