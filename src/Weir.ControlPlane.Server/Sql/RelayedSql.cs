using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace Weir.ControlPlane.Server.Sql;

/// <summary>
/// Runs one text as an ordinary PostgreSQL client of the relay, with a credential minted for the principal: the MCP server and the web
/// editor have no other way to a database, so what they do is judged, masked and recorded like everything else.
/// </summary>
internal sealed class RelayedSql(RelayAddress relay)
{
    private const int LongestText = 256 * 1024;

    /// <param name="credential">Minted for the principal and the connection.</param>
    /// <param name="skip">Rows of the answer that were delivered already (paging).</param>
    /// <param name="maxRows">Rows to deliver, 1 to 1,000.</param>
    /// <param name="patience">How long a held statement is waited for before the wait is given up; the review stays open.</param>
    /// <param name="purpose">Recorded with the session.</param>
    /// <param name="isReadOnly">Run it in a read-only transaction, which the database itself enforces.</param>
    public async Task<SqlOutcome> RunAsync(
        RelayCredential credential, string sql, long skip, int maxRows, TimeSpan patience, string purpose, CancellationToken cancellationToken, bool isReadOnly = false)
    {
        if (sql.Length > LongestText)
        {
            return new SqlOutcome.Refused("54000", $"The text is longer than {LongestText} characters.", "Send it in parts.", null);
        }

        await using var source = relay.DataSource(credential, purpose);
        await using var connection = source.CreateConnection();
        HeldNotice? held = null;
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Notice += (_, notice) =>
        {
            if (HeldNotice.TryRead(notice.Notice) is { } found)
            {
                held = found;
                isHeld.TrySetResult();
            }
        };

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await connection.OpenAsync(stop.Token);
            await using var transaction = isReadOnly ? await BeginReadOnlyAsync(connection, stop.Token) : null;
            await using var command = new NpgsqlCommand(sql, connection, transaction) { AllResultTypesAreUnknown = true, CommandTimeout = 0 };
            var running = ReadAsync(command, skip, maxRows, stop.Token);
            if (await Task.WhenAny(running, isHeld.Task) != running && await Task.WhenAny(running, Task.Delay(patience, stop.Token)) != running)
            {
                await stop.CancelAsync();
            }

            return await running;
        }
        catch (PostgresException refusal) when (held is not null && refusal.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            return new SqlOutcome.Held(held.ReviewId, held.Address);
        }
        catch (OperationCanceledException) when (held is not null && !cancellationToken.IsCancellationRequested)
        {
            return new SqlOutcome.Held(held.ReviewId, held.Address);
        }
        catch (PostgresException refusal)
        {
            return new SqlOutcome.Refused(refusal.SqlState, refusal.MessageText, refusal.Hint, refusal.ConstraintName);
        }
        catch (NpgsqlException fault)
        {
            return new SqlOutcome.Refused("08006", fault.Message, "Try again in a moment.", null);
        }
    }

    private static async Task<NpgsqlTransaction> BeginReadOnlyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SET TRANSACTION READ ONLY", connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }

    private static async Task<SqlOutcome> ReadAsync(NpgsqlCommand command, long skip, int maxRows, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new List<SqlColumn>(reader.FieldCount);
        for (var i = 0; i < reader.FieldCount; i++)
        {
            columns.Add(new SqlColumn(reader.GetName(i), reader.GetDataTypeName(i)));
        }

        var rows = new JsonArray();
        var hasMore = false;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (skip > 0)
            {
                skip--;
                continue;
            }

            if (rows.Count == maxRows)
            {
                hasMore = true;
                break;
            }

            var row = new JsonArray();
            for (var i = 0; i < columns.Count; i++)
            {
                row.Add(reader.IsDBNull(i) ? null : Value(reader.GetString(i), columns[i].Type));
            }

            rows.Add((JsonNode)row);
        }

        if (hasMore)
        {
            // Without it, closing the reader would read the rest of the answer.
            command.Cancel();
        }

        return new SqlOutcome.Answered(columns, rows, reader.RecordsAffected < 0 ? null : reader.RecordsAffected, hasMore);
    }

    /// <summary>A value in JSON's own type where that loses nothing; numeric and bigint beyond 2^53 stay text.</summary>
    private static JsonNode? Value(string text, string type)
    {
        switch (type)
        {
            case "boolean":
                return JsonValue.Create(text is "t" or "true");
            case "smallint" or "integer" or "bigint" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                && Math.Abs(integer) <= 1L << 53:
                return JsonValue.Create(integer);
            case "real" or "double precision" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real):
                return JsonValue.Create(real);
            case "json" or "jsonb":
                try
                {
                    return JsonNode.Parse(text);
                }
                catch (JsonException)
                {
                    return JsonValue.Create(text);
                }

            default:
                return JsonValue.Create(text);
        }
    }
}
