using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Domain.Agents;
using Weir.Policy.Access;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>Whether selectors of documents match: each given list must match, by any of its entries.</summary>
internal static class Selection
{
    public static bool Matches(this PrincipalSelector selector, Principal principal) =>
        (selector.Names.IsDefaultOrEmpty || selector.Names.Contains(principal.Name))
        && (selector.Groups.IsDefaultOrEmpty || selector.Groups.Any(principal.Groups.Contains))
        && (selector.Kinds.IsDefaultOrEmpty || selector.Kinds.Contains(principal.Kind));

    /// <summary>Any of the names, or all of the labels; both empty means all.</summary>
    public static bool Matches(this ConnectionSelector selector, ConnectionDocument connection) =>
        (selector.Names.IsDefaultOrEmpty && selector.Labels.Count == 0)
        || (!selector.Names.IsDefaultOrEmpty && selector.Names.Contains(connection.Metadata.Name))
        || (selector.Labels.Count > 0 && selector.Labels.All(l => connection.Metadata.Labels.TryGetValue(l.Key, out var value) && value == l.Value));

    /// <summary>An empty selector chooses no agent: a connection's password goes to nobody by oversight.</summary>
    public static bool Matches(this AgentSelector selector, Agent agent) =>
        (!selector.Names.IsDefaultOrEmpty && selector.Names.Contains(agent.Name))
        || (selector.Labels.Count > 0 && selector.Labels.All(l => agent.Labels.TryGetValue(l.Key, out var value) && value == l.Value));

    public static Principal ToPolicyPrincipal(this Domain.Principals.Principal principal, IEnumerable<string> groups, string? onBehalfOf) => new(
        principal.Id.Value,
        principal.Name,
        principal.Kind switch
        {
            Domain.Principals.PrincipalKind.User => PrincipalKind.User,
            Domain.Principals.PrincipalKind.ServiceAccount => PrincipalKind.ServiceAccount,
            _ => PrincipalKind.AiAgent,
        },
        [.. groups],
        onBehalfOf);

    public static Principal ToPolicyPrincipal(this Actor actor) => new(
        actor.PrincipalId.Value,
        actor.Name,
        actor.Kind switch
        {
            ActorKind.User => PrincipalKind.User,
            ActorKind.ServiceAccount => PrincipalKind.ServiceAccount,
            _ => PrincipalKind.AiAgent,
        },
        [.. actor.Groups]);
}
