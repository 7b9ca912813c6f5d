using Weir.Policy.Snapshots;

namespace Weir.Agent.Recording;

/// <summary>
/// Answers. One that is small and whole at the end of its statement becomes part of the finish (see <see cref="SmallAnswer"/>); any other is recorded in events of its own, up to the limits, and
/// hashed to its end.
/// </summary>
internal sealed partial class SessionRecording
{
    private AnswerHash _answer;
    private RecentTemplates<ColumnsTemplate> _columns;
    private long _answerStatement;
    private long _answerBytes;
    private long _recordedRows;
    private long _recordedBytes;
    private bool _recordsNoMoreRows;

    public void Columns(long statement, ColumnsTemplate template)
    {
        if (_isEnded)
            return;
        Settle();
        if (template.Inline.Length <= SmallAnswer.MaxBytes / 2)
            BeginSmall(statement, template);
        else
            AppendColumns(statement, template);
    }

    public void Rows(long statement, ReadOnlySpan<byte> messagesAsSentToClient)
    {
        var settings = recorder.Settings;
        var small = SmallAnswer.Current;
        if (small.Owner != this || small.Statement != statement)
        {
            Settle();
            if (_isEnded || _answerStatement == statement)
            {
                LargeRows(statement, messagesAsSentToClient, settings);
                return;
            }

            small = BeginSmall(statement, null);
        }

        for (var rest = messagesAsSentToClient; RowMessages.TryRead(rest, out var body, out var isRow, out var next); rest = next)
        {
            if (!isRow)
                continue;
            if (small.Rows >= settings.RecordedRows || small.RowBytes + body.Length > settings.RecordedBytes || !small.TryAdd(body))
            {
                Settle();
                LargeRows(statement, rest, settings);
                return;
            }
        }
    }

    public void Settle()
    {
        var small = SmallAnswer.Current;
        if (small.Owner == this)
            SettleSmall(small);
    }

    public void CopyData(long statement, bool isOut, ReadOnlySpan<byte> data)
    {
        Settle();
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
        Settle();
        BeginAnswer(statement);
        _answer.Append(piece);
        _answerBytes += piece.Length;

        // Recorded rows are always the first ones, without gaps.
        _recordsNoMoreRows = true;
    }

    private SmallAnswer BeginSmall(long statement, ColumnsTemplate? columns)
    {
        var small = SmallAnswer.Current;

        // Never so when everybody settles what came in a call.
        small.Owner?.Settle();
        small.Begin(this, statement, columns);
        return small;
    }

    private void SettleSmall(SmallAnswer small)
    {
        var (statement, columns) = (small.Statement, small.Columns);
        if (columns is not null)
            AppendColumns(statement, columns);
        if (small.Rows > 0)
        {
            BeginAnswer(statement);
            small.BecomeRows(ref _answer);
            _answerBytes = small.RowBytes;
            AppendRows(small.Buffer, small.Length, small.Rows, small.RowBytes);
        }

        small.End();
    }

    private void FinishSmall(SmallAnswer small, in StatementOutcome outcome)
    {
        var columnsIn = small.Columns is { } columns ? _columns.Find(columns) : 0;
        var writer = new EventWriter(small.Body[small.Length..]);
        WriteOutcome(ref writer, outcome);
        writer.Int64(9, small.Rows);
        writer.Int64(10, small.RowBytes);
        writer.Int64(EventFields.ColumnsIn, columnsIn);
        if (columnsIn == 0 && small.Columns is { } described)
            writer.Raw(described.Inline);
        var change = new ChainChange(ChainChangeKind.CloseStatement, small.Statement);
        if (TryAppend(small.Buffer, EventFields.Finished, small.Length + writer.Position, change) && columnsIn == 0 && small.Columns is { } recorded)
            _columns.Add(recorded, chain.Sequence);
        small.End();
    }

    private void AppendColumns(long statement, ColumnsTemplate template)
    {
        var scratch = EventScratch.Rent(template.Encoded.Length + EventWriter.FieldOverhead);
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        writer.Raw(template.Encoded);

        // Left out when there is no room: what comes back is recorded as far as the spool allows; the finish carries its hash in any case.
        TryAppend(scratch, EventFields.Columns, writer.Position, default);
    }

    private void LargeRows(long statement, ReadOnlySpan<byte> messages, PolicySettings settings)
    {
        BeginAnswer(statement);
        if (_recordsNoMoreRows)
        {
            _answerBytes += _answer.AppendRows(messages);
            return;
        }

        var scratch = EventScratch.Rent(EventWriter.FieldOverhead + (int)Math.Min(messages.Length * 2L, RecordingLimits.RowsPerEvent) + EventWriter.FieldOverhead);
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        var pending = 0;
        var pendingBytes = 0L;
        for (var rest = messages; RowMessages.TryRead(rest, out var body, out var isRow, out var next); rest = next)
        {
            if (_recordsNoMoreRows)
            {
                _answerBytes += _answer.AppendRows(rest);
                break;
            }

            if (!isRow)
                continue;
            _answer.Append(body);
            _answerBytes += body.Length;
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
            AppendRows(scratch, writer.Position, pending, pendingBytes);
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
}
