using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Authorization;

/// <summary>
/// The actor of one dependency-injection scope, and with it the organization whose rows the scope can see. A front door sets it before it sends a
/// request; without that the actor is nobody.
/// </summary>
public sealed class ActorScope
{
    private OrganizationId? _entered;

    public Actor Actor { get; private set; } = Actor.Anonymous;

    /// <summary>The organization that queries and row-level security are bound to; null shows no rows at all.</summary>
    public OrganizationId? Organization => Actor.Organization ?? _entered;

    /// <exception cref="InvalidOperationException">The scope already acts for somebody: one scope, one actor.</exception>
    public void Set(Actor actor)
    {
        if (Actor.Kind != ActorKind.Anonymous && Actor != actor)
        {
            throw new InvalidOperationException("This scope already acts for somebody else.");
        }

        Actor = actor;
    }

    /// <summary>For requests that find their organization by a proof they carry, and for the system.</summary>
    internal void Enter(OrganizationId organization)
    {
        if (Actor.Organization is { } own && own != organization)
        {
            throw new InvalidOperationException("An actor can't leave its organization.");
        }

        _entered = organization;
    }
}
