using System.Buffers.Binary;
using Google.Protobuf;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Recording;

/// <summary>The recording of one session: encodes its events, chains them and appends them to the spool.</summary>
internal sealed class SessionRecording(Recorder recorder, SessionChain chain) : ISessionRecording
{
    private const int HeaderRoom = EventHeader.MaxSize;
    private const byte DataRow = (byte)'D';

    private AnswerHash _answer;
    private long _answerStatement;
    private long _answerBytes;
    private long _recordedRows;
    private long _recordedBytes;
    private bool _recordsNoMoreRows;
    private bool _isEnded;

    public Guid SessionId => chain.SessionId;

    public bool TryStart(SessionStarted started) =>
        TryAppendMessage(EventFields.Started, started, new ChainChange(ChainChangeKind.StartSession));

    public bool TryStatement(long statement, StatementTemplate template, ParameterList parameters) => TryStatement(statement, template, default, parameters);

    public bool TryStatement(long statement, StatementTemplate template, ReadOnlySpan<byte> text, ParameterList parameters)
    {
        if (_isEnded)
            return false;
        var kept = Utf8Text.Cut(text, RecordingLimits.Text);

        // Three times the text, because every byte that is not UTF-8 becomes a replacement character of three.
        var parameterBytes = EventParameters.MaxSize(parameters);
        var scratch = EventScratch.Rent(template.Encoded.Length + (3 * kept.Length) + parameterBytes + (4 * EventWriter.FieldOverhead));
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        writer.Raw(template.Encoded);
        if (!text.IsEmpty)
        {
            writer.Text(2, kept);
            if (kept.Length < text.Length)
                writer.OptionalInt64(9, text.Length);
        }

        EventParameters.Write(ref writer, 3, parameters);
        var reserve = Spool.StatementReserve + (template.IsHeld ? Spool.ReviewReserve : 0);
        if (!TryAppend(scratch, EventFields.Statement, writer.Position, new ChainChange(ChainChangeKind.OpenStatement, statement, reserve)))
            return false;
        chain.Statements++;
        return true;
    }

    public bool TryRefusedStatement(long statement, StatementTemplate template, ReadOnlySpan<byte> text, ParameterList parameters, in StatementOutcome outcome)
    {
        if (!TryStatement(statement, template, text, parameters))
            return false;
        chain.Denied++;
        Finished(statement, outcome);
        return true;
    }

    public bool IsSettled(Action<bool> whenSettled) => !recorder.IsStrict || recorder.Spool.IsSettled(chain.LastPosition, whenSettled);

    public void Columns(long statement, ColumnsTemplate template)
    {
        if (_isEnded)
            return;
        var scratch = EventScratch.Rent(template.Encoded.Length + EventWriter.FieldOverhead);
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        writer.Raw(template.Encoded);

        // Left out when there is no room: what comes back is recorded as far as the spool allows; the finish carries its hash in any case.
        TryAppend(scratch, EventFields.Columns, writer.Position, default);
    }

    public void Rows(long statement, ReadOnlySpan<byte> messagesAsSentToClient)
    {
        BeginAnswer(statement);
        var scratch = _recordsNoMoreRows
            ? null
            : EventScratch.Rent(EventWriter.FieldOverhead + (int)Math.Min(messagesAsSentToClient.Length * 2L, RecordingLimits.RowsPerEvent) + EventWriter.FieldOverhead);
        var writer = new EventWriter(scratch is null ? default : scratch.AsSpan(HeaderRoom));
        var settings = recorder.Settings;
        var pending = 0;
        var pendingBytes = 0L;
        for (var rest = messagesAsSentToClient; rest.Length >= 5;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
            if (length < 4 || length > rest.Length - 1)
                break;
            var body = rest.Slice(5, length - 4);
            var isRow = rest[0] == DataRow;
            rest = rest[(1 + length)..];
            if (!isRow)
                continue;
            _answer.Append(body);
            _answerBytes += body.Length;
            if (scratch is null || _recordsNoMoreRows)
                continue;
            if (_recordedRows + pending >= settings.RecordedRows || _recordedBytes + pendingBytes + body.Length > settings.RecordedBytes
                || body.Length > RecordingLimits.RowsPerEvent - (3 * EventWriter.FieldOverhead))
            {
                // Recorded rows are always the first ones, without gaps.
                _recordsNoMoreRows = true;
                continue;
            }

            if (pending > 0 && writer.Position + body.Length + EventWriter.FieldOverhead > scratch.Length - HeaderRoom)
            {
                AppendRows(scratch, writer.Position, pending, pendingBytes);
                writer = new EventWriter(scratch.AsSpan(HeaderRoom));
                pending = 0;
                pendingBytes = 0;
            }

            if (pending == 0)
                writer.Int64(1, statement);
            writer.Element(2, body);
            pending++;
            pendingBytes += body.Length;
        }

        if (pending > 0)
            AppendRows(scratch!, writer.Position, pending, pendingBytes);
    }

    public void CopyData(long statement, bool isOut, ReadOnlySpan<byte> data)
    {
        BeginAnswer(statement);
        _answer.Append(data);
        _answerBytes += data.Length;
        if (_recordsNoMoreRows)
            return;
        var settings = recorder.Settings;
        if (_recordedRows >= settings.RecordedRows || _recordedBytes + data.Length > settings.RecordedBytes || data.Length > RecordingLimits.RowsPerEvent)
        {
            _recordsNoMoreRows = true;
            return;
        }

        var scratch = EventScratch.Rent(data.Length + (3 * EventWriter.FieldOverhead));
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        writer.Text(2, isOut ? "out"u8 : "in"u8);
        writer.Element(3, data);
        if (!_isEnded && TryAppend(scratch, EventFields.Copy, writer.Position, default))
        {
            _recordedRows++;
            _recordedBytes += data.Length;
        }
        else
        {
            _recordsNoMoreRows = true;
        }
    }

    public void Piece(long statement, ReadOnlySpan<byte> piece)
    {
        BeginAnswer(statement);
        _answer.Append(piece);
        _answerBytes += piece.Length;

        // Recorded rows are always the first ones, without gaps.
        _recordsNoMoreRows = true;
    }

    public void Finished(long statement, in StatementOutcome outcome)
    {
        if (_isEnded)
            return;
        var tag = Utf8Text.Cut(outcome.CommandTag, RecordingLimits.CommandTag);
        var error = Utf8Text.Cut(outcome.ErrorMessage, RecordingLimits.ErrorMessage / 3);
        var sqlState = outcome.SqlState.Length > 5 ? outcome.SqlState[..5] : outcome.SqlState;
        var scratch = EventScratch.Rent(Spool.StatementReserve);
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        writer.Text(2, EventNames.Of(outcome.Status));
        writer.Text(3, tag);
        if (outcome.Rows is { } rows)
            writer.OptionalInt64(4, rows);
        writer.Text(5, sqlState);
        writer.Text(6, error);
        writer.Int64(7, outcome.Duration.Ticks / TimeSpan.TicksPerMicrosecond);
        if (_answerStatement == statement)
        {
            Span<byte> hash = stackalloc byte[32];
            if (_answer.TryFinish(hash))
                writer.Bytes(8, hash);
            writer.Int64(9, _recordedRows);
            writer.Int64(10, _answerBytes);
            _answerStatement = 0;
        }

        TryAppend(scratch, EventFields.Finished, writer.Position, new ChainChange(ChainChangeKind.CloseStatement, statement));
    }

    public void Review(long statement, in ReviewMoment moment)
    {
        if (_isEnded)
            return;
        TryAppendMessage(
            EventFields.Review,
            new ReviewEvent
            {
                Statement = statement,
                ReviewId = ContractMapping.ToBytes(moment.ReviewId),
                Status = EventNames.Of(moment.Step),
                Comment = Utf8Text.Cut(moment.Comment ?? "", RecordingLimits.ReviewComment / 3),
                DecidedBy = Utf8Text.Cut(moment.DecidedBy ?? "", RecordingLimits.ClientText / 3),
            },
            new ChainChange(ChainChangeKind.UseStatement, statement));
    }

    public void Notice(long statement, ReadOnlySpan<byte> severity, ReadOnlySpan<byte> sqlState, ReadOnlySpan<byte> message)
    {
        if (_isEnded)
            return;
        severity = Utf8Text.Cut(severity, 32);
        sqlState = Utf8Text.Cut(sqlState, 5);
        message = Utf8Text.Cut(message, RecordingLimits.NoticeMessage);
        var scratch = EventScratch.Rent((3 * (severity.Length + sqlState.Length + message.Length)) + (4 * EventWriter.FieldOverhead));
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        writer.Text(2, severity);
        writer.Text(3, sqlState);
        writer.Text(4, message);
        TryAppend(scratch, EventFields.Notice, writer.Position, default);
    }

    public void Ended(in SessionEnd end)
    {
        if (_isEnded)
            return;
        while (chain.Open.Count > 0)
        {
            var before = chain.Open.Count;
            Finished(chain.Open[0].Number, new StatementOutcome { Status = StatementStatus.Lost });
            if (chain.Open.Count == before)
                break;
        }

        _answer.Reset();
        TryAppendMessage(
            EventFields.Ended,
            new SessionEnded
            {
                Reason = EventNames.Of(end.Reason),
                Detail = Utf8Text.Cut(end.Detail ?? "", RecordingLimits.EndDetail),
                Statements = chain.Statements,
                Denied = chain.Denied,
                BytesIn = end.BytesIn,
                BytesOut = end.BytesOut,
            },
            new ChainChange(ChainChangeKind.EndSession));
        _isEnded = true;
    }

    private void BeginAnswer(long statement)
    {
        if (_answerStatement == statement)
            return;
        _answer.Reset();
        _answerStatement = statement;
        _answerBytes = 0;
        _recordedRows = 0;
        _recordedBytes = 0;
        _recordsNoMoreRows = false;
    }

    private void AppendRows(byte[] scratch, int bodyLength, int rows, long bytes)
    {
        if (!_isEnded && TryAppend(scratch, EventFields.Rows, bodyLength, default))
        {
            _recordedRows += rows;
            _recordedBytes += bytes;
        }
        else
        {
            _recordsNoMoreRows = true;
        }
    }

    private bool TryAppendMessage(int field, IMessage message, in ChainChange change)
    {
        var size = message.CalculateSize();
        var scratch = EventScratch.Rent(size);
        message.WriteTo(scratch.AsSpan(HeaderRoom, size));
        return TryAppend(scratch, field, size, change);
    }

    // The body lies behind the room for the header, so the header is written right in front of it.
    private bool TryAppend(byte[] scratch, int bodyField, int bodyLength, in ChainChange change)
    {
        Span<byte> header = stackalloc byte[EventHeader.MaxSize];
        var micros = (recorder.Time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        var headerLength = EventHeader.Write(header, chain.SessionId, chain.Sequence + 1, micros, chain.Hash, bodyField, bodyLength);
        var payload = scratch.AsSpan(HeaderRoom - headerLength, headerLength + bodyLength);
        header[..headerLength].CopyTo(payload);
        Span<byte> hash = stackalloc byte[32];
        EventDigest.Compute(payload, hash);
        return recorder.Spool.TryAppend(chain, payload, hash, change);
    }
}
