using System.CommandLine;

namespace Weir.Cli.Commands;

/// <summary><c>weir grants</c>: time-bound rights that approved requests gave.</summary>
internal static class GrantCommands
{
    public static Command Create(CommandContext context) => new("grants", "Time-bound rights")
    {
        ResourceAction.CreateList(context, "List live grants", "grants", hasAll: true, "id", "status", "principal", "connection", "access", "endsAt"),
        ResourceAction.Create(context, "revoke", "End a grant now; sessions that rest on it end", "grants", "revoke", "revoked"),
    };
}
