using System.Text;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Statements;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Holds;

/// <summary>
/// Lets a judged statement pass, refuses it, or holds it until people have decided. Whatever becomes of it is recorded first. At most one
/// statement of a session waits: reading from the client is parked meanwhile.
/// </summary>
internal sealed class ReviewHold(RelayState state)
{
    private readonly ReviewEffects _effects = new(state);
    private HeldStatement? _held;
    private long _settling;
    private bool? _settled;
    private Action<bool>? _whenSettled;

    public static Diagnostic NotRecorded { get; } =
        Diagnostic.Error(SqlStates.IoError, "weir: the statement can't be recorded") with { Hint = "The agent's spool is full or its disk failed; nothing is carried out unrecorded." };

    private static Diagnostic Cancelled { get; } = Diagnostic.Error(SqlStates.QueryCanceled, "canceling statement due to user request");

    /// <summary>Changed rows up to which the approval of the statement that passed last waives budgets; 0 when nobody approved it.</summary>
    public long ApprovedRows { get; private set; }

    /// <summary>Changed rows that people were shown when they approved the statement that passed last; null when they were shown none.</summary>
    public long? ShownRows { get; private set; }

    /// <summary>A statement waits for people.</summary>
    public bool IsHolding => _held is { IsDecided: false };

    private PostgresSession Session => state.Session;

    private IReviewDesk Desk => Session.Services.Reviews;

    /// <param name="exactParameters">Formats and values of the Bind: what an approval is bound to, with the text.</param>
    /// <param name="sent">To try it: of a Query its text as it came, of a Bind the body; empty where it can't be tried.</param>
    /// <param name="first">Number of the first statement in the recording.</param>
    /// <param name="refusal">What the client is told; set with <see cref="Passage.Refuse"/>.</param>
    /// <param name="isApproved">People have approved it already (further Executes of an approved portal).</param>
    public Passage Pass(Judgement judgement, bool isExtended, ParameterList parameters, ReadOnlySpan<byte> exactParameters, ReadOnlySpan<byte> sent, out long first, out Diagnostic? refusal, bool isApproved = false)
    {
        first = 0;
        refusal = null;
        if (_settling > 0)
            return ConcludeSettling(out first, out refusal);
        ApprovedRows = 0;
        ShownRows = null;
        if (_held is { } held)
        {
            if (!held.IsDecided)
            {
                state.Park();
                return Passage.Wait;
            }

            _held = null;
            return Conclude(held, judgement, isExtended, parameters, exactParameters, out first, out refusal);
        }

        if (judgement.Refusal is not null)
        {
            refusal = RecordRefused(judgement, isExtended, parameters) ? judgement.Refusal : NotRecorded;
            return Passage.Refuse;
        }

        if (judgement.IsMover && state.Names.IsFull(state.Session.Services.Options) && judgement.Statements.Any(s => s.Analysis is { } analysis && GatewayRules.GivesName(analysis)))
        {
            refusal = RecordRefused(judgement.With(judgement.Decision, GatewayRules.TooManyNames), isExtended, parameters) ? GatewayRules.TooManyNames : NotRecorded;
            return Passage.Refuse;
        }

        if (judgement.IsGuess && !isApproved && !state.Session.Services.Guesses.TryTake(state.Start.Identity.Principal, state.Start.Identity.ConnectionName))
        {
            refusal = RecordRefused(judgement.With(judgement.Decision, GuessLimiter.Refusal), isExtended, parameters) ? GuessLimiter.Refusal : NotRecorded;
            return Passage.Refuse;
        }

        var isCancelled = false;
        if (judgement.IsReview && !isApproved && !_effects.TryGet(judgement, isExtended, parameters, exactParameters, sent, out isCancelled))
            return Passage.Wait;
        if (!TryRecord(judgement, isExtended, parameters, out first))
        {
            refusal = NotRecorded;
            return Passage.Refuse;
        }

        if (isCancelled)
        {
            refusal = Cancelled;
            Finish(new HeldStatement { Judgement = judgement, FirstStatement = first, StartedAt = Session.Services.Time.GetTimestamp() }, Cancelled, StatementStatus.Cancelled);
            return Passage.Refuse;
        }

        if (judgement.IsReview && !isApproved)
            return Hold(judgement, parameters, exactParameters, first, out refusal);
        return Settle(first);
    }

    /// <summary>Records that a statement was refused, with its end.</summary>
    public bool RecordRefused(Judgement judgement, bool isExtended, ParameterList parameters)
    {
        var refusal = judgement.Refusal!;
        var recorded = true;
        foreach (var statement in judgement.Statements)
        {
            recorded &= state.Recording.TryRefusedStatement(
                ++state.LastStatement,
                statement.Template(isExtended),
                statement.OwnText,
                parameters,
                new StatementOutcome
                {
                    Status = StatementStatus.Denied,
                    SqlState = Encoding.ASCII.GetBytes(refusal.SqlState),
                    ErrorMessage = Encoding.UTF8.GetBytes(refusal.Message),
                });
        }

        return recorded;
    }

    /// <summary>A CancelRequest of the client. True when it ended a wait.</summary>
    public bool Cancel()
    {
        if (_held is not { IsDecided: false } held)
            return _held is null && _effects.Cancel();
        Abandon(held);
        Decide(held, Cancelled, StatementStatus.Cancelled);
        return true;
    }

    /// <summary>Keeps the line warm while the client waits. A repeated ParameterStatus is ignored by every driver; a notice would show up in somebody's log.</summary>
    public void KeepAlive()
    {
        if (!Session.IsInsideClientMessage)
            ParameterStatus.Write(state.ToClient, "client_encoding", state.ClientEncodingName);
    }

    /// <summary>The session ends.</summary>
    public void OnEnd()
    {
        if (_held is not { } held)
            return;
        _held = null;
        Abandon(held);
    }

    private Passage Hold(Judgement judgement, ParameterList parameters, ReadOnlySpan<byte> exactParameters, long first, out Diagnostic? refusal)
    {
        refusal = null;
        var held = new HeldStatement { Judgement = judgement, FirstStatement = first, StartedAt = Session.Services.Time.GetTimestamp() };
        var driver = Session.Driver;
        var ticket = Desk.Request(_effects.AddTo(ReviewDrafts.Of(state, judgement, parameters, exactParameters, first)), outcome => driver.Post(session => OnDecided(session, held, outcome)));
        held.Ticket = ticket;
        state.Recording.Review(first, new ReviewMoment(ticket.ReviewId, ticket.Joined ? ReviewStep.Joined : ReviewStep.Opened));
        if (ticket.Immediate is { } immediate)
        {
            Apply(held, immediate);
            return Use(held, out _, out refusal);
        }

        _held = held;
        NoticeResponse.Write(state.Interjection, Diagnostic.Notice($"weir: held for review {ticket.ReviewId}") with
        {
            Detail = judgement.Decision.Reasons.IsDefaultOrEmpty ? null : judgement.Decision.Reasons[0].Message,
            Hint = "The statement goes on when it is approved" + (ticket.Url.Length > 0 ? $": {ticket.Url}" : "."),
        });
        state.Park();
        state.OnHold?.Invoke();
        return Passage.Wait;
    }

    private void OnDecided(PostgresSession session, HeldStatement held, ReviewOutcome outcome)
    {
        if (session.IsOver || !ReferenceEquals(_held, held) || held.IsDecided)
        {
            // The wait has ended meanwhile: an approval goes back to the desk.
            if (held.Ticket is { } ticket && outcome.Kind == ReviewOutcomeKind.Approved)
                Desk.Abandon(ticket);
            return;
        }

        Apply(held, outcome);
        state.Resume();
    }

    private void Apply(HeldStatement held, ReviewOutcome outcome)
    {
        held.IsDecided = true;
        var by = outcome.DecidedBy.Length > 0 ? $" by {outcome.DecidedBy}" : "";
        switch (outcome.Kind)
        {
            case ReviewOutcomeKind.Approved:
                held.IsApproved = true;
                held.ApprovedRows = outcome.ApprovedRows ?? 0;
                held.ShownRows = outcome.ApprovedRows;
                Record(held, ReviewStep.Approved, outcome);
                break;
            case ReviewOutcomeKind.Rejected:
                Record(held, ReviewStep.Rejected, outcome);
                held.RefusedAs = StatementStatus.Rejected;
                held.Refusal = Diagnostic.Error(SqlStates.InsufficientPrivilege, $"weir: review rejected{by}" + (outcome.Comment.Length > 0 ? $": {outcome.Comment}" : ""));
                break;
            default:
                Record(held, ReviewStep.Expired, outcome);
                held.RefusedAs = StatementStatus.Expired;
                held.Refusal = Diagnostic.Error(SqlStates.QueryCanceled, outcome.Kind == ReviewOutcomeKind.Withdrawn ? "weir: the review was withdrawn" : "weir: the review expired before it was decided") with
                {
                    Hint = "Send the statement again to ask for another review.",
                };
                break;
        }
    }

    private void Decide(HeldStatement held, Diagnostic refusal, StatementStatus status)
    {
        held.IsDecided = true;
        held.Refusal = refusal;
        held.RefusedAs = status;
        state.Resume();
    }

    /// <summary>The held message is looked at again after the decision.</summary>
    private Passage Conclude(HeldStatement held, Judgement judgement, bool isExtended, ParameterList parameters, ReadOnlySpan<byte> exactParameters, out long first, out Diagnostic? refusal)
    {
        if (held.Refusal is not null)
            return Use(held, out first, out refusal);
        if (judgement.Refusal is not null)
        {
            // The rules changed while people looked at it.
            Desk.Consumed(held.Ticket!, forwarded: false);
            Finish(held, judgement.Refusal, StatementStatus.Denied);
            first = 0;
            refusal = judgement.Refusal;
            return Passage.Refuse;
        }

        if (!judgement.IsReview)
        {
            Desk.Consumed(held.Ticket!, forwarded: false);
            first = held.FirstStatement;
            refusal = null;
            return Settle(first);
        }

        if (judgement.Decision.Digest.Span.SequenceEqual(held.Judgement.Decision.Digest.Span) && judgement.Text.AsSpan().SequenceEqual(held.Judgement.Text))
            return Use(held, out first, out refusal);
        // Approved under other rules: people are asked anew, for the same statement of the recording.
        Desk.Consumed(held.Ticket!, forwarded: false);
        first = held.FirstStatement;
        return Hold(judgement, parameters, exactParameters, first, out refusal);
    }

    private Passage Use(HeldStatement held, out long first, out Diagnostic? refusal)
    {
        first = held.FirstStatement;
        refusal = held.Refusal;
        if (refusal is not null)
        {
            Finish(held, refusal, held.RefusedAs);
            return Passage.Refuse;
        }

        Desk.Consumed(held.Ticket!, forwarded: true);
        ApprovedRows = held.ApprovedRows;
        ShownRows = held.ShownRows;
        state.Recording.Review(first, new ReviewMoment(held.Ticket!.ReviewId, ReviewStep.Consumed));
        return Settle(first);
    }

    private Passage Settle(long first)
    {
        _settled = null;
        if (state.Recording.IsSettled(_whenSettled ??= isSafe => Session.Driver.Post(session => OnSettled(session, isSafe))))
            return Passage.Forward;
        _settling = first;
        state.Park();
        return Passage.Wait;
    }

    private void OnSettled(PostgresSession session, bool isSafe)
    {
        if (session.IsOver)
            return;
        _settled = isSafe;
        state.Resume();
    }

    private Passage ConcludeSettling(out long first, out Diagnostic? refusal)
    {
        first = _settling;
        refusal = null;
        if (_settled is not { } isSafe)
        {
            state.Park();
            return Passage.Wait;
        }

        _settling = 0;
        if (isSafe)
            return Passage.Forward;
        refusal = NotRecorded;
        state.Recording.Finished(first, new StatementOutcome { Status = StatementStatus.Denied, SqlState = "58030"u8 });
        return Passage.Refuse;
    }

    private bool TryRecord(Judgement judgement, bool isExtended, ParameterList parameters, out long first)
    {
        first = state.LastStatement + 1;
        foreach (var statement in judgement.Statements)
        {
            if (!state.Recording.TryStatement(++state.LastStatement, statement.Template(isExtended), statement.OwnText, parameters))
            {
                // What was recorded of the text already is not carried out either.
                for (var number = first; number < state.LastStatement; number++)
                    state.Recording.Finished(number, new StatementOutcome { Status = StatementStatus.Denied, SqlState = "58030"u8 });
                state.LastStatement--;
                return false;
            }
        }

        return true;
    }

    private void Finish(HeldStatement held, Diagnostic refusal, StatementStatus status)
    {
        var duration = Session.Services.Time.GetElapsedTime(held.StartedAt);
        for (var i = 0; i < held.Judgement.Statements.Length; i++)
        {
            state.Recording.Finished(held.FirstStatement + i, new StatementOutcome
            {
                Status = status,
                SqlState = Encoding.ASCII.GetBytes(refusal.SqlState),
                ErrorMessage = Encoding.UTF8.GetBytes(refusal.Message),
                Duration = duration,
            });
        }
    }

    private void Abandon(HeldStatement held)
    {
        if (held.Ticket is not { } ticket)
            return;
        Desk.Abandon(ticket);
        state.Recording.Review(held.FirstStatement, new ReviewMoment(ticket.ReviewId, ReviewStep.Abandoned));
    }

    private void Record(HeldStatement held, ReviewStep step, ReviewOutcome outcome)
    {
        if (held.Ticket is { } ticket)
            state.Recording.Review(held.FirstStatement, new ReviewMoment(ticket.ReviewId, step, outcome.Comment, outcome.DecidedBy));
    }
}
