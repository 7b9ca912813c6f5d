using Weir.Agent.Policies;
using Weir.Policy.Access;
using Weir.Policy.Compilation;

namespace Weir.Agent.Sessions.Startup;

/// <summary>Whether a credential still gives a right on a connection, at the start of a session and again whenever something changed.</summary>
internal static class AccessCheck
{
    /// <param name="credential">The record that the session presented.</param>
    /// <param name="connection">Name of the connection.</param>
    /// <param name="services">Directory, policy and clock.</param>
    /// <param name="until">When it must be looked up again at the latest; null for never.</param>
    /// <returns>Null when there is no right.</returns>
    public static AccessRight? Find(CredentialRecord credential, string connection, AgentServices services, out CompiledPolicy? policy, out DateTimeOffset? until)
    {
        until = null;
        policy = services.Policies.Current;
        var now = services.Time.GetUtcNow();
        if (policy is null
            || !services.Credentials.TryFind(credential.Id, out var current)
            || current.Principal.Id != credential.Principal.Id
            || current.ScramVerifier != credential.ScramVerifier
            || !current.ClientKeyHash.Span.SequenceEqual(credential.ClientKeyHash.Span)
            || current.ExpiresAt <= now
            || (current.Connection is not null && current.Connection != connection)
            || policy.FindConnection(connection) is not { Protocol: "postgres" })
        {
            return null;
        }

        var grants = services.Credentials.GrantsOf(current.Principal.Id);
        var right = policy.RightOf(current.Principal, connection, grants, now);
        if (right.Level == AccessLevel.None || (current.GrantId is { } grant && !IsLive(grants, grant, now)))
            return null;
        until = Earlier(current.ExpiresAt, right.EndsAt);
        return right;
    }

    private static bool IsLive(ReadOnlySpan<Grant> grants, Guid id, DateTimeOffset now)
    {
        foreach (var grant in grants)
        {
            if (grant.Id == id)
                return grant.EndsAt is null || grant.EndsAt > now;
        }

        return false;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left < right ? left : right;
}
