using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Holds;
using Weir.Agent.Sessions.Statements;

namespace Weir.Agent.Sessions;

/// <summary>Why a message was sent upstream. All but the first are the agent's own: the client does not see them answered.</summary>
internal enum InFlightPurpose : byte
{
    Client,

    /// <summary>Asks what columns the rows of the next Execute have.</summary>
    Description,

    /// <summary>Belongs to <see cref="NameProbe"/>.</summary>
    Names,

    /// <summary>Counts what the transaction has changed (<see cref="BudgetGuard"/>).</summary>
    Measure,

    /// <summary>Prepares one statement of a guarded text. A RowDescription goes to the client.</summary>
    GuardedText,

    /// <summary>Belongs to <see cref="SessionDryRun"/>.</summary>
    DryRun,

    /// <summary>Aborts the transaction of a statement that failed on the way back only.</summary>
    Abort,
}
