using System.CommandLine;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir reviews</c>: held statements that wait for people.</summary>
internal static class ReviewCommands
{
    public static Command Create(CommandContext context) => new("reviews", "Held statements that wait for people")
    {
        ResourceAction.CreateList(context, "List open reviews", "reviews", hasAll: true, "id", "status", "principal", "connection", "statement", "expiresAt"),
        ResourceAction.CreateShow(context, "reviews", "id", "status", "principal", "connection", "statement", "parameters", "reasons", "relations", "sensitiveColumns", "estimatedRows", "rowsChanged", "notRunBecause", "approvals", "createdAt", "expiresAt", "comment"),
        ResourceAction.Create(context, "approve", "Let a held statement go through", "reviews", "approve", "approved", "comment"),
        ResourceAction.Create(context, "reject", "Refuse a held statement", "reviews", "reject", "rejected", "comment"),
        ResourceAction.Create(context, "withdraw", "Take back a review of your own", "reviews", "withdraw", "withdrawn", "comment"),
        ResourceAction.CreateWatch(context, "Follow reviews as they open and end", "api/v1/reviews/watch", takesId: false,
            change => $"{Printer.Text(change["createdAt"])}  {change["id"]}  {change["status"]}  {change["principal"]} on {change["connection"]}: {TerminalText.OneLine(Printer.Text(change["statement"]))}"),
    };
}
