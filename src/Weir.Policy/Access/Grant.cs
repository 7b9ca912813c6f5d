namespace Weir.Policy.Access;

/// <summary>A time-bound right that an approved access request gave.</summary>
/// <param name="Connection">Name of the connection.</param>
/// <param name="EndsAt">From this instant on the right is gone; null for one without an end.</param>
public sealed record Grant(Guid Id, Guid PrincipalId, string Connection, AccessLevel Access, DateTimeOffset? EndsAt);
