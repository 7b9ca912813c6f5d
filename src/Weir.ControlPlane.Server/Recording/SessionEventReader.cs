using System.Collections.Immutable;
using System.Security.Cryptography;
using Google.Protobuf;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Domain.Reviews;
using Instant = Weir.ControlPlane.Domain.Timestamp;

namespace Weir.ControlPlane.Server.Recording;

/// <summary>Reads session events as the contract writes them.</summary>
internal sealed class SessionEventReader : ISessionEventReader
{
    private const int HashLength = 32;

    public RecordedEvent Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            var read = SessionEvent.Parser.ParseFrom(body.Span);
            if (read.Sequence < 1)
            {
                throw new FormatException("sequence must be positive.");
            }

            if (read.PreviousHash.Length != HashLength)
            {
                throw new FormatException($"previous_hash must have {HashLength} bytes.");
            }

            return new RecordedEvent(
                ContractMapping.ToGuid(read.SessionId, "session_id"),
                read.Sequence,
                Instant.FromUnixMicros(read.AtUnixMicros),
                read.PreviousHash.Memory,
                ToBody(read));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ContractViolationException or ArgumentOutOfRangeException)
        {
            throw new FormatException("A session event does not read: " + e.Message, e);
        }
    }

    private static RecordedBody? ToBody(SessionEvent e) => e.BodyCase switch
    {
        SessionEvent.BodyOneofCase.Started => ToStarted(e.Started),
        SessionEvent.BodyOneofCase.Statement => ToStatement(e.Statement),
        SessionEvent.BodyOneofCase.Finished => ToFinished(e.Finished),
        SessionEvent.BodyOneofCase.Columns => new RecordedBody.Columns(e.Columns.Statement, [.. e.Columns.Columns.Select(ToColumn)]),
        SessionEvent.BodyOneofCase.Rows => new RecordedBody.Rows(e.Rows.Statement, [.. e.Rows.Rows.Select(r => r.Memory)]),
        SessionEvent.BodyOneofCase.Copy => new RecordedBody.Copy(e.Copy.Statement, e.Copy.Direction, [.. e.Copy.Data.Select(d => d.Memory)]),
        SessionEvent.BodyOneofCase.Review => new RecordedBody.Review(
            e.Review.Statement, ContractMapping.ToGuid(e.Review.ReviewId, "review.review_id"), e.Review.Status, e.Review.Comment, e.Review.DecidedBy),
        SessionEvent.BodyOneofCase.Notice => new RecordedBody.Notice(e.Notice.Statement, e.Notice.Severity, e.Notice.SqlState, e.Notice.Message),
        SessionEvent.BodyOneofCase.Ended => new RecordedBody.Ended(
            e.Ended.Reason, e.Ended.Detail, e.Ended.Statements, e.Ended.Denied, e.Ended.BytesIn, e.Ended.BytesOut),
        _ => null,
    };

    private static RecordedBody.Started ToStarted(SessionStarted s)
    {
        if (s.Principal is null)
        {
            throw new FormatException("started.principal is missing.");
        }

        var principal = ContractMapping.ToPrincipal(s.Principal);
        return new RecordedBody.Started(
            ContractMapping.ToGuid(s.OrganizationId, "started.organization_id"),
            ContractMapping.ToGuid(s.AgentId, "started.agent_id"),
            principal.Id,
            principal.Name,
            principal.Kind switch
            {
                Weir.Policy.Access.PrincipalKind.User => "user",
                Weir.Policy.Access.PrincipalKind.ServiceAccount => "service_account",
                Weir.Policy.Access.PrincipalKind.AiAgent => "ai_agent",
                _ => throw new FormatException("started.principal.kind is unknown."),
            },
            principal.OnBehalfOf ?? "",
            s.Connection,
            s.CredentialId,
            ContractMapping.ToOptionalGuid(s.GrantId, "started.grant_id"),
            s.ClientAddress,
            s.Tls,
            s.Relayed,
            s.ApplicationName,
            s.Context.ToImmutableDictionary(),
            s.UpstreamUser,
            s.ServerVersion,
            s.Protocol,
            s.SnapshotVersion);
    }

    private static RecordedBody.Statement ToStatement(StatementReceived s) => new(
        s.Statement,
        s.Text,
        [.. s.Parameters.Select(p => new RecordedBody.Parameter(p.Value, p.IsNull, p.IsMasked, p.IsBinary, p.TypeOid))],
        s.Decision,
        [.. s.Reasons.Select(r => new DecisionReason(r.Source, r.Rule, r.Verdict, r.Message, r.Hint, r.IsShadow))],
        [.. s.Effects],
        [.. s.Relations],
        s.SnapshotVersion,
        s.FullLength,
        s.Protocol,
        s.Command,
        s.SameAs > 0 && s.SameAs < s.Statement ? s.SameAs : s.SameAs == 0 ? 0 : throw new FormatException("statement.same_as must be an earlier statement."));

    private static RecordedBody.Column ToColumn(AnswerColumn c) => new(c.Name, c.TypeOid, c.Format, c.MaskedBy, c.MaskedBecause);

    private static RecordedBody.Finished ToFinished(StatementFinished f) => new(
        f.Statement,
        f.Status,
        f.CommandTag,
        f.HasRows ? f.Rows : null,
        f.SqlState,
        f.ErrorMessage,
        f.DurationMicros,
        f.AnswerRows.Count > 0 ? HashOf(f.AnswerRows) : f.RowsHash.IsEmpty ? null : f.RowsHash.Memory,
        f.RowsRecorded,
        f.BytesReturned,
        f.AnswerColumns.Count > 0 || f.ColumnsIn != 0 || f.AnswerRows.Count > 0
            ? new([.. f.AnswerColumns.Select(ToColumn)], f.ColumnsIn, [.. f.AnswerRows.Select(r => r.Memory)])
            : null);

    /// <summary>The agent leaves the hash out where all rows are in the event itself.</summary>
    private static ReadOnlyMemory<byte> HashOf(IEnumerable<ByteString> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows)
        {
            hash.AppendData(row.Span);
        }

        return hash.GetHashAndReset();
    }
}
