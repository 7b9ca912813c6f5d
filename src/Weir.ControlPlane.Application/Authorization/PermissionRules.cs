namespace Weir.ControlPlane.Application.Authorization;

internal static class PermissionRules
{
    public static bool Allows(Actor actor, Permission permission) => permission switch
    {
        Permission.Anonymous => true,
        Permission.ServeAgent => actor.Kind == ActorKind.Agent,
        Permission.RunSystem => actor.Kind == ActorKind.System,
        Permission.Participate => actor.IsPrincipal,
        Permission.ReadPolicies or Permission.ReadPrincipals or Permission.ReadAgents or Permission.ReadAudit or Permission.ReadSettings =>
            actor.IsPrincipal && actor.SeesEverything,
        Permission.ChangePolicies or Permission.ChangePrincipals or Permission.ChangeAgents or Permission.ChangeSettings =>
            actor.IsPrincipal && actor.IsAdministrator,
        _ => false,
    };
}
