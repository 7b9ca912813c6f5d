namespace Weir.ControlPlane.Application.Features.Principals;

/// <param name="Kind">user, service_account or ai_agent.</param>
/// <param name="OnBehalfOf">Name of the user for whom an AI agent acts.</param>
/// <param name="Roles">administrator, auditor; every principal is a member besides.</param>
public sealed record PrincipalView(
    Guid Id,
    string Name,
    string DisplayName,
    string Kind,
    string? OnBehalfOf,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Roles,
    bool Disabled,
    DateTimeOffset CreatedAt);
