using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Judging;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Holds;

/// <summary>A statement that waits for people, or that they have decided about.</summary>
internal sealed class HeldStatement
{
    public required Judgement Judgement { get; init; }

    /// <summary>Number in the recording.</summary>
    public required long FirstStatement { get; init; }

    public required long StartedAt { get; init; }

    public ReviewTicket? Ticket { get; set; }

    public bool IsDecided { get; set; }

    public bool IsApproved { get; set; }

    /// <summary>Changed rows up to which the approval waives budgets.</summary>
    public long ApprovedRows { get; set; }

    /// <summary>Changed rows that reviewers were shown; null when they were shown none.</summary>
    public long? ShownRows { get; set; }

    /// <summary>What the client is told instead; null while it waits or when it is approved.</summary>
    public Diagnostic? Refusal { get; set; }

    public Recording.StatementStatus RefusedAs { get; set; }
}
