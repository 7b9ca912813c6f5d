using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Audit;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Authorization;

/// <summary>Who sends a request. Made by a front door from what it has authenticated, or by the system for itself.</summary>
/// <param name="Organization">Null only while nobody is known.</param>
/// <param name="Id">The principal's or the agent's id; null for the system and for nobody.</param>
/// <param name="OnBehalfOf">The user for whom an AI agent acts.</param>
/// <param name="Groups">Names of the groups it is in.</param>
public sealed record Actor(
    ActorKind Kind,
    OrganizationId? Organization,
    Guid? Id,
    string Name,
    string DisplayName,
    Guid? OnBehalfOf,
    IReadOnlyList<string> Groups,
    Roles Roles)
{
    public static Actor Anonymous { get; } = new(ActorKind.Anonymous, null, null, "anonymous", "anonymous", null, [], Roles.Member);

    /// <summary>The control plane, in no organization yet: for bootstrap.</summary>
    public static Actor System { get; } = new(ActorKind.System, null, null, "system", "system", null, [], Roles.Member);

    /// <summary>The control plane, working in one organization.</summary>
    public static Actor SystemOf(Guid organization) => System with { Organization = new OrganizationId(organization) };

    public static Actor ForAgent(Guid organization, Guid agent, string name) =>
        new(ActorKind.Agent, new OrganizationId(organization), agent, name, name, null, [], Roles.Member);

    public static Actor ForPrincipal(Principal principal, IReadOnlyList<string> groups) => new(
        principal.Kind switch
        {
            PrincipalKind.User => ActorKind.User,
            PrincipalKind.ServiceAccount => ActorKind.ServiceAccount,
            PrincipalKind.AiAgent => ActorKind.AiAgent,
            _ => throw new InvalidOperationException($"Unknown kind of principal: {principal.Kind}"),
        },
        principal.OrganizationId,
        principal.Id.Value,
        principal.Name,
        principal.DisplayName,
        principal.OnBehalfOf?.Value,
        groups,
        principal.Roles);

    public bool IsPrincipal => Kind is ActorKind.User or ActorKind.ServiceAccount or ActorKind.AiAgent;

    public bool IsAdministrator => Roles.HasFlag(Roles.Administrator);

    /// <summary>Reads what belongs to others.</summary>
    public bool SeesEverything => IsAdministrator || Roles.HasFlag(Roles.Auditor);

    public PrincipalId PrincipalId => IsPrincipal ? new PrincipalId(Id!.Value) : throw new InvalidOperationException("The actor is no principal.");

    public AgentId AgentId => Kind == ActorKind.Agent ? new AgentId(Id!.Value) : throw new InvalidOperationException("The actor is no agent.");

    public Approver Approver => new(
        PrincipalId,
        Name,
        Kind switch
        {
            ActorKind.User => PrincipalKind.User,
            ActorKind.ServiceAccount => PrincipalKind.ServiceAccount,
            _ => PrincipalKind.AiAgent,
        },
        Groups);

    internal AuditActor AuditActor => new(Id, Name, WireName.Of(Kind));
}
