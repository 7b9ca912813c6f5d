using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Principals;

/// <summary>A user's password, with a brake on guessing.</summary>
public sealed class LocalLogin(OrganizationId organizationId, PrincipalId principalId, string passwordHash, DateTimeOffset changedAt) : ITenantOwned
{
    /// <summary>Wrong passwords in a row after which the login is locked.</summary>
    public const int MaxFailures = 5;

    /// <summary>First lock; each further failure doubles it, up to <see cref="LongestLock"/>.</summary>
    public static readonly TimeSpan FirstLock = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan LongestLock = TimeSpan.FromHours(1);

    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public PrincipalId PrincipalId { get; private set; } = principalId;

    public string PasswordHash { get; private set; } = passwordHash;

    public DateTimeOffset ChangedAt { get; private set; } = changedAt;

    public int Failures { get; private set; }

    public DateTimeOffset? LockedUntil { get; private set; }

    public bool IsLocked(DateTimeOffset now) => now < LockedUntil;

    public void Succeeded()
    {
        Failures = 0;
        LockedUntil = null;
    }

    public void Failed(DateTimeOffset now)
    {
        Failures++;
        if (Failures >= MaxFailures)
        {
            var doublings = Math.Min(Failures - MaxFailures, 10);
            var wait = FirstLock * Math.Pow(2, doublings);
            LockedUntil = now + (wait < LongestLock ? wait : LongestLock);
        }
    }

    public void ChangePassword(string passwordHash, DateTimeOffset now)
    {
        PasswordHash = passwordHash;
        ChangedAt = now;
        Succeeded();
    }
}
