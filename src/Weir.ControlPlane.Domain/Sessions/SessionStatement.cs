using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Domain.Sessions;

/// <summary>One statement of a session, for reading; the recording's events are the truth that it is made from.</summary>
public sealed class SessionStatement : ITenantOwned
{
    private SessionStatement()
    {
        Text = Decision = Command = Protocol = "";
        Parameters = [];
        Reasons = [];
        Effects = Relations = [];
    }

    public OrganizationId OrganizationId { get; private set; }

    public SessionId SessionId { get; private set; }

    /// <summary>Number of the statement in its session, from 1.</summary>
    public long Number { get; private set; }

    public DateTimeOffset At { get; private set; }

    public string Text { get; private set; }

    /// <summary>Length in bytes of the whole text when the recorded one was cut; else 0.</summary>
    public long FullLength { get; private set; }

    public IReadOnlyList<string?> Parameters { get; private set; }

    public string Decision { get; private set; }

    public IReadOnlyList<DecisionReason> Reasons { get; private set; }

    public IReadOnlyList<string> Effects { get; private set; }

    public IReadOnlyList<string> Relations { get; private set; }

    public string Command { get; private set; }

    public string Protocol { get; private set; }

    public long SnapshotVersion { get; private set; }

    public Guid? ReviewId { get; private set; }

    /// <summary>ok, failed, denied, rejected, expired, cancelled or lost; null while it runs.</summary>
    public string? Status { get; private set; }

    public string? CommandTag { get; private set; }

    public long? Rows { get; private set; }

    public string? SqlState { get; private set; }

    public string? ErrorMessage { get; private set; }

    public long? DurationMicros { get; private set; }

    /// <summary>SHA-256 over all rows as they were sent, also those that were not recorded.</summary>
    public byte[]? RowsHash { get; private set; }

    public long? RowsRecorded { get; private set; }

    public long? BytesReturned { get; private set; }
}
