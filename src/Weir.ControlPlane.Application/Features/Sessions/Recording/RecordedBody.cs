using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>What happened. A closed set; the members say what the agent wrote, and nothing is filled in.</summary>
public abstract record RecordedBody
{
    private RecordedBody()
    {
    }

    /// <param name="PrincipalKind">user, service_account or ai_agent.</param>
    /// <param name="OnBehalfOf">Empty for none.</param>
    public sealed record Started(
        Guid OrganizationId,
        Guid AgentId,
        Guid PrincipalId,
        string PrincipalName,
        string PrincipalKind,
        string OnBehalfOf,
        string Connection,
        string CredentialId,
        Guid? GrantId,
        string ClientAddress,
        bool Tls,
        bool Relayed,
        string ApplicationName,
        IReadOnlyDictionary<string, string> Context,
        string UpstreamUser,
        string ServerVersion,
        string Protocol,
        long SnapshotVersion) : RecordedBody;

    /// <param name="Number">Of the statement in its session, from 1.</param>
    /// <param name="Decision">allow, deny or review.</param>
    /// <param name="FullLength">Of the text in bytes when it was cut; else 0.</param>
    public sealed record Statement(
        long Number,
        string Text,
        IReadOnlyList<Parameter> Parameters,
        string Decision,
        IReadOnlyList<DecisionReason> Reasons,
        IReadOnlyList<string> Effects,
        IReadOnlyList<string> Relations,
        long SnapshotVersion,
        long FullLength,
        string Protocol,
        string Command) : RecordedBody;

    /// <param name="Value">Text form, or base64 of the binary form.</param>
    public sealed record Parameter(string Value, bool IsNull, bool IsMasked, bool IsBinary, uint TypeOid);

    /// <param name="Status">ok, failed, denied, rejected, expired, cancelled or lost.</param>
    /// <param name="RowsHash">Null without rows.</param>
    public sealed record Finished(
        long Number,
        string Status,
        string CommandTag,
        long? RowCount,
        string SqlState,
        string ErrorMessage,
        long DurationMicros,
        ReadOnlyMemory<byte>? RowsHash,
        long RowsRecorded,
        long BytesReturned) : RecordedBody;

    public sealed record Columns(long Number, IReadOnlyList<Column> Items) : RecordedBody;

    /// <param name="Format">0 for text, 1 for binary.</param>
    /// <param name="MaskedBy">Name of the masking rule; empty for none.</param>
    /// <param name="MaskedBecause">lineage, origin, content or unprovable, when masked.</param>
    public sealed record Column(string Name, uint TypeOid, int Format, string MaskedBy, string MaskedBecause);

    /// <param name="Items">DataRow bodies as they were sent to the client.</param>
    public sealed record Rows(long Number, IReadOnlyList<ReadOnlyMemory<byte>> Items) : RecordedBody;

    /// <param name="Direction">in or out.</param>
    public sealed record Copy(long Number, string Direction, IReadOnlyList<ReadOnlyMemory<byte>> Data) : RecordedBody;

    /// <param name="Status">opened, joined, approved, rejected, expired, abandoned or consumed.</param>
    public sealed record Review(long Number, Guid ReviewId, string Status, string Comment, string DecidedBy) : RecordedBody;

    public sealed record Notice(long Number, string Severity, string SqlState, string Message) : RecordedBody;

    public sealed record Ended(string Reason, string Detail, long Statements, long Denied, long BytesIn, long BytesOut) : RecordedBody;
}
