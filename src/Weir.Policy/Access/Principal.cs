using System.Collections.Immutable;

namespace Weir.Policy.Access;

/// <summary>Who acts in a session.</summary>
/// <param name="Id">Stable identifier, unique in the organization.</param>
/// <param name="Name">Unique name that documents use: e-mail of a user, name of a service account or AI agent.</param>
/// <param name="Groups">Names of the groups it belongs to.</param>
/// <param name="OnBehalfOf">For an AI agent: the name of the user it acts for.</param>
public sealed record Principal(
    Guid Id,
    string Name,
    PrincipalKind Kind,
    ImmutableArray<string> Groups,
    string? OnBehalfOf = null);
