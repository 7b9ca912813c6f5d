using System.Collections.Concurrent;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Credentials;

namespace Weir.ControlPlane.Server.Sql;

/// <summary>
/// Credentials with which this process connects to the relay for somebody. They are issued like any other (recorded, bound to the principal's rights, short)
/// and used again while they last, so that a conversation of many calls does not issue hundreds.
/// </summary>
internal sealed class SqlCredentials(ActorMediator mediator, TimeProvider time)
{
    private const int MaxKept = 10_000;
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<(Guid Principal, string Connection), (RelayCredential Credential, DateTimeOffset ExpiresAt)> _kept = new();

    public async Task<RelayCredential> GetAsync(Actor actor, string connection, CancellationToken cancellationToken)
    {
        var key = (actor.PrincipalId.Value, connection);
        var now = time.GetUtcNow();
        if (_kept.TryGetValue(key, out var kept) && kept.ExpiresAt - Reserve > now)
        {
            return kept.Credential;
        }

        var issued = await mediator.SendAsync(actor, new IssueCredential.Command(connection, Ttl: Ttl), cancellationToken);
        var credential = new RelayCredential(issued.Id, issued.Secret, connection);
        if (_kept.Count >= MaxKept)
        {
            foreach (var (old, value) in _kept)
            {
                if (value.ExpiresAt <= now)
                {
                    _kept.TryRemove(old, out _);
                }
            }
        }

        if (_kept.Count < MaxKept)
        {
            _kept[key] = (credential, issued.ExpiresAt);
        }

        return credential;
    }

    /// <summary>One that was refused is not used again: it may have been revoked, or its grant has ended.</summary>
    public void Forget(Actor actor, string connection) => _kept.TryRemove((actor.PrincipalId.Value, connection), out _);
}
