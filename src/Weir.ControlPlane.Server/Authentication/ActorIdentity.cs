using System.Security.Claims;
using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Server.Authentication;

/// <summary>A principal that a front door has authenticated. The claims are what a cookie keeps: who it is, never what it may do.</summary>
internal sealed class ActorIdentity : ClaimsIdentity
{
    public const string OrganizationClaim = "weir:organization";
    public const string PrincipalClaim = "weir:principal";

    public ActorIdentity(Actor actor, string scheme)
        : base(
            [
                new Claim(OrganizationClaim, actor.Organization!.Value.Value.ToString()),
                new Claim(PrincipalClaim, actor.PrincipalId.Value.ToString()),
                new Claim(ClaimTypes.Name, actor.Name),
            ],
            scheme,
            ClaimTypes.Name,
            ClaimTypes.Role) => ActsAs = actor;

    /// <summary>Not named Actor: a base member of that name means a delegate.</summary>
    public Actor ActsAs { get; }

    /// <summary>The ids that a cookie keeps; null when it is none of ours.</summary>
    public static (Guid Organization, Guid Principal)? IdsOf(ClaimsPrincipal? principal) =>
        Guid.TryParse(principal?.FindFirstValue(OrganizationClaim), out var organization) && Guid.TryParse(principal?.FindFirstValue(PrincipalClaim), out var id)
            ? (organization, id)
            : null;

    public override ClaimsIdentity Clone() => new ActorIdentity(ActsAs, AuthenticationType!);
}
