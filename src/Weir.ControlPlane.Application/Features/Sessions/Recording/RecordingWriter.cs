using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Features.Sessions.Recording;

/// <summary>Writes recordings in bulk, inside the current transaction: one statement per table and batch.</summary>
internal sealed class RecordingWriter(WeirDbContext db)
{
    /// <summary>One batch of an agent at a time, also when it has connected anew while an old batch is still at work.</summary>
    public Task LockAgentAsync(AgentId agent, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({"weir.ingest:" + agent}, 0))", cancellationToken);

    public async Task InsertSessionsAsync(OrganizationId organization, AgentId agent, IReadOnlyList<RecordedEvent> starts, CancellationToken cancellationToken)
    {
        foreach (var start in starts)
        {
            var s = (RecordedBody.Started)start.Body!;
            await using var command = Command("""
                INSERT INTO sessions (organization_id, id, agent_id, principal_id, principal_name, principal_kind, on_behalf_of, connection, credential_id, grant_id,
                    client_address, tls, relayed, application_name, context, upstream_user, server_version, protocol, snapshot_version, started_at, status,
                    statements, denied, bytes_in, bytes_out, last_sequence, last_hash, integrity)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'live', 0, 0, 0, 0, 0, $21, 'intact')
                """);
            Add(command, organization.Value);
            Add(command, start.SessionId);
            Add(command, agent.Value);
            Add(command, s.PrincipalId);
            Add(command, RecordedText.Clean(s.PrincipalName, 254));
            Add(command, RecordedText.Clean(s.PrincipalKind, 32));
            Add(command, RecordedText.Clean(s.OnBehalfOf, 254));
            Add(command, RecordedText.Clean(s.Connection, 63));
            Add(command, RecordedText.Clean(s.CredentialId, 64));
            Add(command, (object?)s.GrantId ?? DBNull.Value, NpgsqlDbType.Uuid);
            Add(command, RecordedText.Clean(s.ClientAddress, 300));
            Add(command, s.Tls);
            Add(command, s.Relayed);
            Add(command, RecordedText.Clean(s.ApplicationName, 1000));
            Add(command, JsonText.Write(s.Context.ToDictionary(c => RecordedText.Clean(c.Key), c => RecordedText.Clean(c.Value))), NpgsqlDbType.Jsonb);
            Add(command, RecordedText.Clean(s.UpstreamUser, 300));
            Add(command, RecordedText.Clean(s.ServerVersion, 300));
            Add(command, RecordedText.Clean(s.Protocol, 63));
            Add(command, s.SnapshotVersion);
            Add(command, start.At);
            Add(command, RecordingChain.NoHash);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task InsertEventsAsync(OrganizationId organization, IReadOnlyList<IngestedEvent> events, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return;
        }

        await using var command = Command("""
            INSERT INTO session_events (organization_id, session_id, sequence, hash, body, received_at)
            SELECT $1, e.session_id, e.sequence, e.hash, e.body, $2
            FROM unnest($3::uuid[], $4::bigint[], $5::bytea[], $6::bytea[]) AS e (session_id, sequence, hash, body)
            ON CONFLICT DO NOTHING
            """);
        Add(command, organization.Value);
        Add(command, now);
        Add(command, events.Select(e => e.Event.SessionId).ToArray());
        Add(command, events.Select(e => e.Event.Sequence).ToArray());
        Add(command, events.Select(e => e.Hash).ToArray());
        Add(command, events.Select(e => e.Body.ToArray()).ToArray());
        var inserted = await command.ExecuteNonQueryAsync(cancellationToken);
        if (inserted != events.Count)
        {
            // What is acknowledged must be stored: the lock and the chain should have made this impossible.
            throw new InvalidOperationException($"Only {inserted} of {events.Count} events were stored.");
        }
    }

    /// <summary>Statements, with what the batch says about how they ended.</summary>
    /// <returns>How many were not there before.</returns>
    public async Task<int> InsertStatementsAsync(OrganizationId organization, IReadOnlyList<StatementProjection> statements, CancellationToken cancellationToken)
    {
        if (statements.Count == 0)
        {
            return 0;
        }

        await using var command = Command("""
            INSERT INTO session_statements (organization_id, session_id, number, at, text, full_length, parameters, decision, reasons, effects, relations, command, protocol,
                snapshot_version, review_id, status, command_tag, rows, sql_state, error_message, duration_micros, rows_hash, rows_recorded, bytes_returned)
            SELECT $1, s.session_id, s.number, s.at, s.text, s.full_length, s.parameters::jsonb, s.decision, s.reasons::jsonb, s.effects::jsonb, s.relations::jsonb,
                s.command, s.protocol, s.snapshot_version, s.review_id, s.status, s.command_tag, s.rows, s.sql_state, s.error_message, s.duration_micros, s.rows_hash,
                s.rows_recorded, s.bytes_returned
            FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
                $13::text[], $14::bigint[], $15::uuid[], $16::text[], $17::text[], $18::bigint[], $19::text[], $20::text[], $21::bigint[], $22::bytea[], $23::bigint[], $24::bigint[])
                AS s (session_id, number, at, text, full_length, parameters, decision, reasons, effects, relations, command, protocol, snapshot_version, review_id,
                    status, command_tag, rows, sql_state, error_message, duration_micros, rows_hash, rows_recorded, bytes_returned)
            ON CONFLICT DO NOTHING
            """);
        var received = statements.Select(s => s.Received!).ToList();
        Add(command, organization.Value);
        Add(command, statements.Select(s => s.SessionId).ToArray());
        Add(command, statements.Select(s => s.Number).ToArray());
        Add(command, statements.Select(s => s.At).ToArray());
        Add(command, received.Select(r => RecordedText.Clean(r.Text)).ToArray());
        Add(command, received.Select(r => r.FullLength).ToArray());
        var json = new JsonOfLists();
        Add(command, received.Select(r => json.Of(r.Parameters, RecordedText.Of)).ToArray());
        Add(command, received.Select(r => RecordedText.Clean(r.Decision, 16)).ToArray());
        Add(command, received.Select(r => json.Of(r.Reasons, RecordedText.Clean)).ToArray());
        Add(command, received.Select(r => json.Of(r.Effects, RecordedText.Clean)).ToArray());
        Add(command, received.Select(r => json.Of(r.Relations, RecordedText.Clean)).ToArray());
        Add(command, received.Select(r => RecordedText.Clean(r.Command, 300)).ToArray());
        Add(command, received.Select(r => RecordedText.Clean(r.Protocol, 16)).ToArray());
        Add(command, received.Select(r => r.SnapshotVersion).ToArray());
        Add(command, statements.Select(s => s.ReviewId).ToArray());
        AddEnds(command, statements);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Ends of statements, and reviews, that came in a later batch than the statements themselves.</summary>
    public async Task FinishStatementsAsync(OrganizationId organization, IReadOnlyList<StatementProjection> statements, CancellationToken cancellationToken)
    {
        if (statements.Count == 0)
        {
            return;
        }

        await using var command = Command("""
            UPDATE session_statements s
            SET review_id = coalesce(u.review_id, s.review_id), status = coalesce(u.status, s.status), command_tag = coalesce(u.command_tag, s.command_tag),
                rows = coalesce(u.rows, s.rows), sql_state = coalesce(u.sql_state, s.sql_state), error_message = coalesce(u.error_message, s.error_message),
                duration_micros = coalesce(u.duration_micros, s.duration_micros), rows_hash = coalesce(u.rows_hash, s.rows_hash),
                rows_recorded = coalesce(u.rows_recorded, s.rows_recorded), bytes_returned = coalesce(u.bytes_returned, s.bytes_returned)
            FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bigint[], $11::bytea[], $12::bigint[], $13::bigint[])
                AS u (session_id, number, review_id, status, command_tag, rows, sql_state, error_message, duration_micros, rows_hash, rows_recorded, bytes_returned)
            WHERE s.organization_id = $1 AND s.session_id = u.session_id AND s.number = u.number
            """);
        Add(command, organization.Value);
        Add(command, statements.Select(s => s.SessionId).ToArray());
        Add(command, statements.Select(s => s.Number).ToArray());
        Add(command, statements.Select(s => s.ReviewId).ToArray());
        AddEnds(command, statements);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddEnds(NpgsqlCommand command, IReadOnlyList<StatementProjection> statements)
    {
        Add(command, statements.Select(s => RecordedText.CleanOrNull(s.Finished?.Status, 16)).ToArray());
        Add(command, statements.Select(s => RecordedText.CleanOrNull(s.Finished?.CommandTag, 300)).ToArray());
        Add(command, statements.Select(s => s.Finished?.RowCount).ToArray());
        Add(command, statements.Select(s => RecordedText.CleanOrNull(s.Finished?.SqlState, 5)).ToArray());
        Add(command, statements.Select(s => RecordedText.CleanOrNull(s.Finished?.ErrorMessage, int.MaxValue)).ToArray());
        Add(command, statements.Select(s => s.Finished?.DurationMicros).ToArray());
        Add(command, statements.Select(s => s.Finished?.RowsHash is { Length: 32 } hash ? hash.ToArray() : null).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bytea);
        Add(command, statements.Select(s => s.Finished?.RowsRecorded).ToArray());
        Add(command, statements.Select(s => s.Finished?.BytesReturned).ToArray());
    }

    /// <summary>Moves a session's head; what it counted and how it ended come with it.</summary>
    public async Task AdvanceSessionAsync(OrganizationId organization, RecordingChain chain, IReadOnlyList<IngestedEvent> accepted, CancellationToken cancellationToken)
    {
        await using var command = Command("""
            UPDATE sessions
            SET last_sequence = $3, last_hash = $4,
                statements = coalesce($5, statements + $6), denied = coalesce($7, denied + $8), bytes_in = coalesce($9, bytes_in), bytes_out = coalesce($10, bytes_out),
                status = CASE WHEN $11::timestamptz IS NULL THEN status ELSE 'ended' END,
                ended_at = coalesce($11, ended_at), end_reason = coalesce($12, end_reason), end_detail = coalesce($13, end_detail),
                integrity = CASE WHEN $14::text IS NULL THEN integrity ELSE 'broken' END, integrity_fault = coalesce(integrity_fault, $14)
            WHERE organization_id = $1 AND id = $2
            """);
        var end = accepted.FirstOrDefault(e => e.Event.Body is RecordedBody.Ended);
        var ended = end?.Event.Body as RecordedBody.Ended;
        Add(command, organization.Value);
        Add(command, chain.SessionId);
        Add(command, chain.LastSequence);
        Add(command, chain.LastHash);
        Add(command, (object?)ended?.Statements ?? DBNull.Value, NpgsqlDbType.Bigint);
        Add(command, (long)accepted.Count(e => e.Event.Body is RecordedBody.Statement));
        Add(command, (object?)ended?.Denied ?? DBNull.Value, NpgsqlDbType.Bigint);
        Add(command, (long)accepted.Count(e => e.Event.Body is RecordedBody.Statement { Decision: "deny" }));
        Add(command, (object?)ended?.BytesIn ?? DBNull.Value, NpgsqlDbType.Bigint);
        Add(command, (object?)ended?.BytesOut ?? DBNull.Value, NpgsqlDbType.Bigint);
        Add(command, (object?)end?.Event.At ?? DBNull.Value, NpgsqlDbType.TimestampTz);
        Add(command, (object?)RecordedText.CleanOrNull(ended?.Reason, 63) ?? DBNull.Value, NpgsqlDbType.Text);
        Add(command, (object?)RecordedText.CleanOrNull(ended?.Detail, 2000) ?? DBNull.Value, NpgsqlDbType.Text);
        Add(command, (object?)RecordedText.CleanOrNull(chain.Fault, 500) ?? DBNull.Value, NpgsqlDbType.Text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add(NpgsqlCommand command, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value });

    private static void Add(NpgsqlCommand command, object value, NpgsqlDbType type) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });

    private NpgsqlCommand Command(string sql)
    {
        DbTransaction transaction = (db.Database.CurrentTransaction ?? throw new InvalidOperationException("A recording is written in a transaction.")).GetDbTransaction();
        return new NpgsqlCommand(sql, (NpgsqlConnection)transaction.Connection!, (NpgsqlTransaction)transaction);
    }
}
