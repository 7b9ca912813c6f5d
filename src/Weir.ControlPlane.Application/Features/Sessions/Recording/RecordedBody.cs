using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>What happened. A closed set; the members say what the agent wrote, and nothing is filled in unless it is said.</summary>
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
    /// <param name="SameAs">Number of the earlier statement of the session that has what is left out here (see <see cref="CompleteWith"/>); 0 when nothing is.</param>
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
        string Command,
        long SameAs = 0) : RecordedBody
    {
        /// <summary>This statement with everything that it shares with an earlier one.</summary>
        public Statement CompleteWith(Statement earlier) => earlier with
        {
            Number = Number,
            Text = Text.Length > 0 ? Text : earlier.Text,
            FullLength = Text.Length > 0 ? FullLength : earlier.FullLength,
            Parameters = Parameters,
            SameAs = 0,
        };
    }

    /// <param name="Value">Text form, or base64 of the binary form.</param>
    public sealed record Parameter(string Value, bool IsNull, bool IsMasked, bool IsBinary, uint TypeOid);

    /// <param name="Status">ok, failed, denied, rejected, expired, cancelled or lost.</param>
    /// <param name="RowsHash">Null without rows.</param>
    /// <param name="Answer">The answer, when it is small and was recorded here; null when it has events of its own, or there is none.</param>
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
        long BytesReturned,
        SmallAnswer? Answer = null) : RecordedBody;

    /// <param name="Columns">Empty when an earlier event has them, or they are unknown.</param>
    /// <param name="ColumnsIn">Sequence of the earlier event of the session that has them; 0 for none.</param>
    /// <param name="Rows">DataRow bodies as they were sent to the client: all of them.</param>
    public sealed record SmallAnswer(IReadOnlyList<Column> Columns, long ColumnsIn, IReadOnlyList<ReadOnlyMemory<byte>> Rows);

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
