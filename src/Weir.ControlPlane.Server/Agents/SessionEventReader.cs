using Google.Protobuf;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Domain;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>Reads the events of a recording as the contract defines them.</summary>
internal sealed class SessionEventReader : ISessionEventReader
{
    public RecordedEvent Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            var message = SessionEvent.Parser.ParseFrom(body.Span);
            return new RecordedEvent(
                ContractMapping.ToGuid(message.SessionId, "session_id"),
                message.Sequence >= 1 ? message.Sequence : throw new FormatException("sequence must be 1 or more."),
                Timestamp.FromUnixMicros(message.AtUnixMicros),
                message.PreviousHash.Length == 32 ? message.PreviousHash.Memory : throw new FormatException("previous_hash must have 32 bytes."),
                Body(message));
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or ContractViolationException or ArgumentOutOfRangeException)
        {
            throw new FormatException($"The event can't be read: {fault.Message}", fault);
        }
    }

    private static RecordedBody? Body(SessionEvent message) => message.BodyCase switch
    {
        SessionEvent.BodyOneofCase.Started => Started(message.Started),
        SessionEvent.BodyOneofCase.Statement => Statement(message.Statement),
        SessionEvent.BodyOneofCase.Finished => Finished(message.Finished),
        SessionEvent.BodyOneofCase.Columns => new RecordedBody.Columns(
            message.Columns.Statement,
            [.. message.Columns.Columns.Select(c => new RecordedBody.Column(c.Name, c.TypeOid, c.Format, c.MaskedBy, c.MaskedBecause))]),
        SessionEvent.BodyOneofCase.Rows => new RecordedBody.Rows(message.Rows.Statement, [.. message.Rows.Rows.Select(r => r.Memory)]),
        SessionEvent.BodyOneofCase.Copy => new RecordedBody.Copy(message.Copy.Statement, message.Copy.Direction, [.. message.Copy.Data.Select(d => d.Memory)]),
        SessionEvent.BodyOneofCase.Review => new RecordedBody.Review(
            message.Review.Statement,
            ContractMapping.ToGuid(message.Review.ReviewId, "review.review_id"),
            message.Review.Status,
            message.Review.Comment,
            message.Review.DecidedBy),
        SessionEvent.BodyOneofCase.Notice => new RecordedBody.Notice(message.Notice.Statement, message.Notice.Severity, message.Notice.SqlState, message.Notice.Message),
        SessionEvent.BodyOneofCase.Ended => new RecordedBody.Ended(
            message.Ended.Reason, message.Ended.Detail, message.Ended.Statements, message.Ended.Denied, message.Ended.BytesIn, message.Ended.BytesOut),
        _ => null,
    };

    private static RecordedBody.Started Started(SessionStarted started)
    {
        var principal = ContractMapping.ToPrincipal(started.Principal ?? throw new FormatException("started.principal is missing."));
        return new RecordedBody.Started(
            ContractMapping.ToGuid(started.OrganizationId, "started.organization_id"),
            ContractMapping.ToGuid(started.AgentId, "started.agent_id"),
            principal.Id,
            principal.Name,
            principal.Kind switch
            {
                Policy.Access.PrincipalKind.User => "user",
                Policy.Access.PrincipalKind.ServiceAccount => "service_account",
                _ => "ai_agent",
            },
            principal.OnBehalfOf ?? "",
            started.Connection,
            started.CredentialId,
            ContractMapping.ToOptionalGuid(started.GrantId, "started.grant_id"),
            started.ClientAddress,
            started.Tls,
            started.Relayed,
            started.ApplicationName,
            new Dictionary<string, string>(started.Context),
            started.UpstreamUser,
            started.ServerVersion,
            started.Protocol,
            started.SnapshotVersion);
    }

    private static RecordedBody.Statement Statement(StatementReceived statement) => new(
        statement.Statement,
        statement.Text,
        [.. statement.Parameters.Select(p => new RecordedBody.Parameter(p.Value, p.IsNull, p.IsMasked, p.IsBinary, p.TypeOid))],
        statement.Decision,
        [.. statement.Reasons.Select(r => new DecisionReason(r.Source, r.Rule, r.Verdict, r.Message, r.Hint, r.IsShadow))],
        [.. statement.Effects],
        [.. statement.Relations],
        statement.SnapshotVersion,
        statement.FullLength,
        statement.Protocol,
        statement.Command);

    private static RecordedBody.Finished Finished(StatementFinished finished) => new(
        finished.Statement,
        finished.Status,
        finished.CommandTag,
        finished.HasRows ? finished.Rows : null,
        finished.SqlState,
        finished.ErrorMessage,
        finished.DurationMicros,
        finished.RowsHash.IsEmpty ? null : finished.RowsHash.Memory,
        finished.RowsRecorded,
        finished.BytesReturned);
}
