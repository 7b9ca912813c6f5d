using Google.Protobuf;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Recording;

/// <summary>The recording of one session: encodes its events, chains them and appends them to the spool.</summary>
internal sealed partial class SessionRecording(Recorder recorder, SessionChain chain) : ISessionRecording
{
    private const int HeaderRoom = EventHeader.MaxSize;

    private RecentTemplates<StatementTemplate> _statements;
    private bool _isEnded;

    public Guid SessionId => chain.SessionId;

    public bool TryStart(SessionStarted started) =>
        TryAppendMessage(EventFields.Started, started, new ChainChange(ChainChangeKind.StartSession));

    public bool TryStatement(long statement, StatementTemplate template, ParameterList parameters) => TryStatement(statement, template, default, parameters);

    public bool TryStatement(long statement, StatementTemplate template, ReadOnlySpan<byte> text, ParameterList parameters)
    {
        if (_isEnded)
            return false;
        Settle();
        var kept = Utf8Text.Cut(text, RecordingLimits.Text);

        // A statement without any text would be taken for one that has the text of the other.
        var sameAs = template.HasText || !text.IsEmpty ? _statements.Find(template) : 0;

        // Three times the text, because every byte that is not UTF-8 becomes a replacement character of three.
        var parameterBytes = EventParameters.MaxSize(parameters);
        var scratch = EventScratch.Rent(template.Encoded.Length + (3 * kept.Length) + parameterBytes + (5 * EventWriter.FieldOverhead));
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        writer.Int64(EventFields.SameAs, sameAs);
        if (sameAs == 0)
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
        if (sameAs == 0)
            _statements.Add(template, statement);
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

    public void Finished(long statement, in StatementOutcome outcome)
    {
        if (_isEnded)
            return;
        var small = SmallAnswer.Current;
        if (small.Owner == this && small.Statement == statement && outcome is { Status: StatementStatus.Ok, ErrorMessage.IsEmpty: true })
        {
            FinishSmall(small, outcome);
            return;
        }

        Settle();
        var scratch = EventScratch.Rent(Spool.StatementReserve);
        var writer = new EventWriter(scratch.AsSpan(HeaderRoom));
        writer.Int64(1, statement);
        WriteOutcome(ref writer, outcome);
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
        Settle();
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
        Settle();
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
        Settle();
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

    private static void WriteOutcome(ref EventWriter writer, in StatementOutcome outcome)
    {
        writer.Text(2, EventNames.Of(outcome.Status));
        writer.Text(3, Utf8Text.Cut(outcome.CommandTag, RecordingLimits.CommandTag));
        if (outcome.Rows is { } rows)
            writer.OptionalInt64(4, rows);
        writer.Text(5, outcome.SqlState.Length > 5 ? outcome.SqlState[..5] : outcome.SqlState);
        writer.Text(6, Utf8Text.Cut(outcome.ErrorMessage, RecordingLimits.ErrorMessage / 3));
        writer.Int64(7, outcome.Duration.Ticks / TimeSpan.TicksPerMicrosecond);
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
