using Weir.ControlPlane.Application.Features.Sessions;

namespace Weir.WebConsole.Areas.Sessions;

/// <summary>One thing that is shown of a recording.</summary>
/// <param name="Event">The event; of a table, the one that began it.</param>
/// <param name="Table">Rows gathered so far when it is a table; null otherwise.</param>
public sealed record ReplayStep(ReplaySession.Event Event, ReplayTable? Table);
