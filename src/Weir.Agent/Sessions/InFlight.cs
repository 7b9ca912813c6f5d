using Weir.Agent.Masking;
using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Statements;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions;

/// <summary>One entry of the FIFO of messages whose answers are still to come. Answers come in the same order.</summary>
internal struct InFlight
{
    public InFlightKind Kind;

    public InFlightPurpose Purpose;

    /// <summary>Number of the Sync or Query, growing.</summary>
    public long Run;

    /// <summary>Completing it may change what names mean.</summary>
    public bool IsMover;

    /// <summary>What a Describe or Close names.</summary>
    public TargetKind Target;

    /// <summary>It was replaced by a statement that must fail; this is the error that the client gets instead of the server's.</summary>
    public Diagnostic? Refusal;

    /// <summary>Of a Query or Execute that was judged and recorded.</summary>
    public Judgement? Judgement;

    /// <summary>Of a Parse, Bind, Describe or Close of a statement.</summary>
    public PreparedStatement? Prepared;

    /// <summary>Of a Bind, Describe, Execute or Close of a portal.</summary>
    public Portal? Portal;

    /// <summary>Name that a Parse, Bind or Close gave or took; null for the unnamed one.</summary>
    public byte[]? Name;

    /// <summary>What the name meant before, to be restored when the message is never carried out.</summary>
    public object? Previous;

    /// <summary>Number of its first statement in the recording; 0 when nothing is recorded.</summary>
    public long FirstStatement;

    /// <summary>How many of its statements are complete.</summary>
    public int Done;

    /// <summary>Rows returned so far of the statement that runs.</summary>
    public long Rows;

    /// <summary>When the message was forwarded.</summary>
    public long StartedAt;

    /// <summary>Plan of the rows that are coming; null before their description.</summary>
    public AnswerPlan? Plan;

    /// <summary>Of a FunctionCall (a Query to all else): what its result is, as the body of a RowDescription.</summary>
    public byte[]? CallDescription;

    /// <summary>Columns of the answer that runs were recorded.</summary>
    public bool AreColumnsRecorded;

    /// <summary>A budget applies: its completion waits for the count (<see cref="BudgetGuard"/>). Null without one.</summary>
    public BudgetRun? Budget;

    /// <summary>The answer can't go on: what still comes of it is swallowed, and the statement fails with this.</summary>
    public Diagnostic? Failure;

    public readonly bool IsGuarded => Budget is not null;

    /// <summary>The agent's own question: the client never sees the answer.</summary>
    public readonly bool IsInjected => Purpose != InFlightPurpose.Client;

    /// <exception cref="ProtocolViolationException">It is another kind of message.</exception>
    public readonly void Expect(InFlightKind kind, InFlightKind other = InFlightKind.CopyEnd)
    {
        if (Kind != kind && Kind != other)
            throw new ProtocolViolationException("answer to another question");
    }

    public static InFlightKind KindOf(BackendMessageType completion) =>
        completion == BackendMessageType.ParseComplete ? InFlightKind.Parse : completion == BackendMessageType.BindComplete ? InFlightKind.Bind : InFlightKind.Close;
}
