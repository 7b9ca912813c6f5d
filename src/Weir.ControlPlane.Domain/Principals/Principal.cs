using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Principals;

/// <summary>A user, a service account or an AI agent.</summary>
public sealed class Principal : ITenantOwned
{
    public const int MaxNameLength = 254;

    private Principal(OrganizationId organizationId, PrincipalId id, string name, string displayName, PrincipalKind kind, PrincipalId? onBehalfOf, DateTimeOffset createdAt)
    {
        OrganizationId = organizationId;
        Id = id;
        Name = name;
        DisplayName = displayName;
        Kind = kind;
        OnBehalfOf = onBehalfOf;
        CreatedAt = createdAt;
    }

    public OrganizationId OrganizationId { get; private set; }

    public PrincipalId Id { get; private set; }

    /// <summary>Unique in the organization and what documents use: a user's e-mail in lower case, the name of a service account or AI agent.</summary>
    public string Name { get; private set; }

    public string DisplayName { get; private set; }

    public PrincipalKind Kind { get; private set; }

    /// <summary>The user for whom an AI agent acts; null for everybody else.</summary>
    public PrincipalId? OnBehalfOf { get; private set; }

    public Roles Roles { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>From then on it can neither sign in nor open sessions.</summary>
    public DateTimeOffset? DisabledAt { get; private set; }

    public bool IsDisabled => DisabledAt is not null;

    public static Principal User(OrganizationId organizationId, PrincipalId id, string email, string displayName, DateTimeOffset now) =>
        new(organizationId, id, NormalizeName(email), displayName, PrincipalKind.User, null, now);

    public static Principal ServiceAccount(OrganizationId organizationId, PrincipalId id, string name, DateTimeOffset now) =>
        new(organizationId, id, NormalizeName(name), name, PrincipalKind.ServiceAccount, null, now);

    /// <exception cref="ArgumentException">An AI agent acts for a user of its own organization, not for another machine.</exception>
    public static Principal AiAgent(OrganizationId organizationId, PrincipalId id, string name, Principal onBehalfOf, DateTimeOffset now)
    {
        if (onBehalfOf.Kind != PrincipalKind.User || onBehalfOf.OrganizationId != organizationId)
        {
            throw new ArgumentException("An AI agent acts on behalf of a user.", nameof(onBehalfOf));
        }

        return new(organizationId, id, NormalizeName(name), name, PrincipalKind.AiAgent, onBehalfOf.Id, now);
    }

    /// <summary>Names are compared without regard to case, so that no second "Dev@…" can pose as "dev@…".</summary>
    public static string NormalizeName(string name) => name.Trim().ToLowerInvariant();

    public void Rename(string displayName) => DisplayName = displayName;

    /// <exception cref="IllegalTransitionException">Only users have roles: a machine never administers what judges it.</exception>
    public void SetRoles(Roles roles)
    {
        if (Kind != PrincipalKind.User && roles != Roles.Member)
        {
            throw new IllegalTransitionException("principal", "no user", "given a role");
        }

        Roles = roles;
    }

    public void Disable(DateTimeOffset now)
    {
        if (IsDisabled)
        {
            throw new IllegalTransitionException("principal", "disabled", "disabled");
        }

        DisabledAt = now;
    }

    public void Enable()
    {
        if (!IsDisabled)
        {
            throw new IllegalTransitionException("principal", "enabled", "enabled");
        }

        DisabledAt = null;
    }
}
