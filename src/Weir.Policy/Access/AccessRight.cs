namespace Weir.Policy.Access;

/// <summary>The right under which a session runs now.</summary>
/// <param name="Level">Highest level that a standing rule or a live grant gives; <see cref="AccessLevel.None"/> when there is neither.</param>
/// <param name="ExtraEffects">Effects allowed by name beyond the level (<c>program</c>, <c>replication</c>).</param>
/// <param name="EndsAt">When the right must be looked up again (the end of the grant or of the schedule that it rests on); null for never.</param>
/// <param name="GrantId">The grant that gave the level, if it was a grant.</param>
public sealed record AccessRight(AccessLevel Level, Analysis.Effects ExtraEffects, DateTimeOffset? EndsAt, Guid? GrantId);
